//! What a worker has done, and why it ended.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::telemetry::Ending;
use crate::{
    EnqueueError, InvalidBatch, InvalidJob, InvalidName, InvalidSchedule, KindName, ScheduleName,
    StoreError,
};

/// What a worker has done, attempt by attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Report {
    /// Jobs that succeeded, those included that await the delivery of a notification.
    pub succeeded: u64,
    /// Attempts that failed and are tried again.
    pub retried: u64,
    /// Jobs that were snoozed or given back, at no attempt's cost.
    pub put_back: u64,
    /// Jobs that are dead letters now.
    pub dead: u64,
    /// Jobs that were cancelled.
    pub cancelled: u64,
    /// Attempts whose lease was lost: what they came to was refused, and another worker has the job.
    pub lease_lost: u64,
}

impl Report {
    /// All attempts together.
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.succeeded + self.retried + self.put_back + self.dead + self.cancelled + self.lease_lost
    }
}

/// The report while it is being written.
#[derive(Debug, Default)]
pub(crate) struct Tally([AtomicU64; Ending::ALL.len()]);

impl Tally {
    pub(crate) fn count(&self, ending: Ending) {
        if let Some(counter) = self.0.get(ending as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn report(&self) -> Report {
        let of = |ending: Ending| {
            let counter = self.0.get(ending as usize);
            counter.map_or(0, |counter| counter.load(Ordering::Relaxed))
        };
        Report {
            succeeded: of(Ending::Succeeded) + of(Ending::AwaitingDelivery),
            retried: of(Ending::Retried),
            put_back: of(Ending::PutBack),
            dead: of(Ending::Dead),
            cancelled: of(Ending::Cancelled),
            lease_lost: of(Ending::LeaseLost),
        }
    }
}

/// Why a worker could not be built, or ended by itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// A name.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// A lease, a number of queues.
    #[error(transparent)]
    Settings(#[from] InvalidBatch),
    /// A schedule.
    #[error(transparent)]
    Schedule(#[from] InvalidSchedule),
    /// The job of a schedule.
    #[error(transparent)]
    Job(#[from] InvalidJob),
    /// A middleware did not let the job of a schedule in.
    #[error(transparent)]
    Enqueue(#[from] EnqueueError),
    /// Nothing to do.
    #[error("the worker has no handlers: add one with .handle(…)")]
    NoHandlers,
    /// Nowhere to look.
    #[error("the worker has no queues to look at: name one, or leave .queues(…) out")]
    NoQueues,
    /// The second would never be called.
    #[error("there are two handlers for jobs of the kind `{0}`: keep one")]
    TwoHandlers(KindName),
    /// The second would undo the first, at every start.
    #[error("there are two schedules with the name `{0}`: give one of them another")]
    TwoSchedules(ScheduleName),
    /// A number that makes no sense.
    #[error("{what} must be at least 1")]
    Zero {
        /// Which.
        what: &'static str,
    },
    /// The store is closed, or cannot be worked with.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A bug in the worker itself.
    #[error("a loop of the worker ended by a panic: {0}; this is a bug, please report it")]
    Panicked(String),
}
