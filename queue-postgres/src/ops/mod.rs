//! The operations: one file per verb, beside the file of its statements. None of them opens or ends
//! a transaction.

pub(crate) mod audit;
pub(crate) mod channel;
pub(crate) mod checkpoint;
pub(crate) mod claim;
pub(crate) mod doubt;
pub(crate) mod enqueue;
pub(crate) mod finish;
pub(crate) mod incident;
pub(crate) mod keys;
pub(crate) mod letters;
pub(crate) mod maintain;
pub(crate) mod mark;
pub(crate) mod outbox;
pub(crate) mod publish;
pub(crate) mod queues;
pub(crate) mod renew;
pub(crate) mod schedules;
pub(crate) mod settle;
pub(crate) mod stats;
pub(crate) mod steer;
pub(crate) mod suppression;
pub(crate) mod sweep;
pub(crate) mod turn;
pub(crate) mod verdict;
pub(crate) mod view;
