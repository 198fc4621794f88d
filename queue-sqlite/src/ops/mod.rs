//! The operations: functions over a transaction, the writer's or the caller's own.

pub(crate) mod audit;
pub(crate) mod channel;
pub(crate) mod checkpoint;
pub(crate) mod claim;
pub(crate) mod doubt;
pub(crate) mod enqueue;
pub(crate) mod finish;
pub(crate) mod incident;
pub(crate) mod letters;
pub(crate) mod maintain;
pub(crate) mod mark;
pub(crate) mod outbox;
pub(crate) mod progress;
pub(crate) mod queues;
pub(crate) mod renew;
pub(crate) mod schedules;
pub(crate) mod settle;
pub(crate) mod stats;
pub(crate) mod steer;
pub(crate) mod suppression;
pub(crate) mod sweep;
pub(crate) mod triage;
pub(crate) mod turn;
pub(crate) mod verdict;
pub(crate) mod view;
pub(crate) mod walk;
