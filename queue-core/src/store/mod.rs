//! The ports: what a backend implements. Coarse and object-safe; each method is one transaction.

mod jobs;
mod leader;
mod operator;
mod outbox;
mod replay;
mod retention;
mod schedules;

pub use jobs::{Cancelled, Count, JobStore, QueueStats, STATS_COUNT_CAP, Stats};
pub use leader::LeaderStore;
pub use operator::OperatorStore;
pub use outbox::{OutboxStats, OutboxStore};
pub use replay::ReplayStore;
pub use retention::RetentionStore;
pub use schedules::ScheduleStore;

/// All six ports of one database.
///
/// A store is cheap to share: `Arc<dyn Store>`.
pub trait Store:
    JobStore + LeaderStore + OutboxStore + OperatorStore + ReplayStore + RetentionStore + ScheduleStore
{
}

impl<T> Store for T where
    T: JobStore
        + LeaderStore
        + OutboxStore
        + OperatorStore
        + ReplayStore
        + RetentionStore
        + ScheduleStore
{
}
