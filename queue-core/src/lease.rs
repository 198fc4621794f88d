//! Time-limited ownership of a running job.

use crate::{Fence, JobId, StoreId, Timestamp};

/// Proof that a worker holds a job, as long as its fence is the current one and its time is not up.
///
/// Only a store gives leases. Every write that needs ownership takes one and changes nothing when it
/// is stale.
///
/// ```
/// use std::time::Duration;
/// use queue_core::memory::MemoryStore;
/// use queue_core::{Clock, JobStore, ManualClock, Page, SettleBatch, Settled, sweep};
/// # use queue_core::{ClaimRequest, Completion, EnqueueBatch, KindName, NewJob, Payload, QueueName};
/// # use queue_core::{Transition, WorkerName};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = ManualClock::default();
/// let store = MemoryStore::with_clock(Clock::Manual(clock.clone()));
/// # let mail = QueueName::new("mail")?;
/// # let job = NewJob::new(mail.clone(), KindName::new("send_invoice")?, Payload::json(&42)?);
/// # store.enqueue(EnqueueBatch::one(job)).await?;
/// # let request = ClaimRequest::new(WorkerName::new("w")?, vec![mail], 10)?;
/// let stale = store.claim(request.clone()).await?.remove(0).lease;
/// clock.advance(Duration::from_secs(30)); // its process hangs, and others go on
/// sweep(&store, Page::first(100)?).await?;
/// let current = store.claim(request).await?.remove(0).lease;
/// assert!(current.fence() > stale.fence());
///
/// let done = || Transition::Finish(Completion::default());
/// let late = store.settle(SettleBatch::one(stale, done())?).await?;
/// assert_eq!(late, [Settled::LeaseLost]);
/// # Ok(())
/// # }
/// ```
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
