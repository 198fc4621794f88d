//! How many requests are under way, and a bound on that.

use std::sync::Arc;

use metrics::gauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const IN_FLIGHT: &str = "review_requests_in_flight";

/// A request that is under way, until this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Place {
    /// None where all are taken: nobody waits for one.
    pub(super) fn take(places: &Arc<Semaphore>) -> Option<Self> {
        let permit = Arc::clone(places).try_acquire_owned().ok()?;
        gauge!(IN_FLIGHT).increment(1.0);
        Some(Self { _permit: permit })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        gauge!(IN_FLIGHT).decrement(1.0);
    }
}
