//! Time-limited ownership of a running job.

use crate::{Fence, JobId, StoreId, Timestamp};

/// Proof that a worker holds a job, as long as its fence is the current one and its time is not up.
///
/// Only a store gives leases. Every write that needs ownership takes one and changes nothing when it
/// is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    store: StoreId,
    job: JobId,
    fence: Fence,
    expires_at: Timestamp,
}

impl Lease {
    /// For stores: a lease as just claimed or renewed.
    #[must_use]
    pub const fn granted(store: StoreId, job: JobId, fence: Fence, expires_at: Timestamp) -> Self {
        Self {
            store,
            job,
            fence,
            expires_at,
        }
    }

    /// The store that gave it.
    #[must_use]
    pub const fn store(&self) -> StoreId {
        self.store
    }

    /// The job it is for.
    #[must_use]
    pub const fn job(&self) -> JobId {
        self.job
    }

    /// The number that proves it. Pass it on to what the handler writes to.
    #[must_use]
    pub const fn fence(&self) -> Fence {
        self.fence
    }

    /// When it ends, by the database's clock, unless it is renewed.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}
