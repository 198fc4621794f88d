//! What a queue must be able to do.

use anyhow::Result;

use crate::order::Order;

/// Bytes of each job.
pub const PAYLOAD: usize = 200;

/// What each job carries, where a payload is a string in JSON: with its quotes it has [`PAYLOAD`]
/// bytes.
///
/// ```
/// let text = peer_protocol::payload();
/// assert_eq!(text.len() + 2, peer_protocol::PAYLOAD);
/// ```
#[must_use]
pub fn payload() -> String {
    "x".repeat(PAYLOAD - 2)
}

/// A job queue with its settings, open on a database.
pub trait Peer: Clone + Send + Sync + 'static {
    /// What [`Self::start`] started.
    type Worker: Send;

    /// Connects, with what the order's setting stands for.
    fn open(order: &Order) -> impl Future<Output = Result<Self>> + Send;

    /// Makes the schema.
    fn set_up(&self) -> impl Future<Output = Result<()>> + Send;

    /// Enqueues one job in a transaction of its own, and returns when it is committed.
    fn enqueue(&self) -> impl Future<Output = Result<()>> + Send;

    /// Enqueues many jobs by the fastest call there is, and returns how many ids that gave back.
    fn enqueue_many(&self, jobs: usize) -> impl Future<Output = Result<usize>> + Send;

    /// Starts a worker whose handlers do nothing but call [`ran`](crate::ran).
    fn start(&self) -> impl Future<Output = Result<Self::Worker>> + Send;

    /// Stops it; jobs that ran are complete afterwards.
    fn stop(&self, worker: Self::Worker) -> impl Future<Output = Result<()>> + Send;
}
