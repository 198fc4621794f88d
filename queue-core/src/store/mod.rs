//! The ports: what a backend implements. Coarse and object-safe; each method is one transaction.

mod jobs;
mod operator;
mod outbox;
mod replay;
mod schedules;

pub use jobs::{
    Cancelled, Count, JobStore, Maintained, QueueStats, Retention, STATS_COUNT_CAP, Stats,
};
pub use operator::OperatorStore;
pub use outbox::{OutboxStats, OutboxStore};
pub use replay::ReplayStore;
pub use schedules::ScheduleStore;

/// All five ports of one database.
///
/// A store is cheap to share: `Arc<dyn Store>`.
pub trait Store: JobStore + OutboxStore + OperatorStore + ReplayStore + ScheduleStore {}

impl<T: JobStore + OutboxStore + OperatorStore + ReplayStore + ScheduleStore> Store for T {}
