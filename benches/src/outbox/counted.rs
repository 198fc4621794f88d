//! A channel that tells when it has sent all that it was to send.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use queue_core::channel::{Capabilities, Channel, Gate, Lookup, Outgoing, Receipt, SendError};
use tokio::sync::Notify;

/// A channel whose sends are counted.
#[derive(Debug)]
pub(super) struct Counted<C> {
    channel: C,
    goal: Arc<Goal>,
}

/// So many sends are to end, well or not.
#[derive(Debug)]
pub(super) struct Goal {
    left: AtomicU64,
    reached: Notify,
}

impl Goal {
    pub(super) fn new(sends: u64) -> Arc<Self> {
        Arc::new(Self {
            left: AtomicU64::new(sends),
            reached: Notify::new(),
        })
    }

    pub(super) async fn reached(self: Arc<Self>) {
        self.reached.notified().await;
    }
}

impl<C> Counted<C> {
    pub(super) fn new(channel: C, goal: &Arc<Goal>) -> Self {
        Self {
            channel,
            goal: Arc::clone(goal),
        }
    }
}

#[async_trait]
impl<C: Channel> Channel for Counted<C> {
    fn capabilities(&self) -> Capabilities {
        self.channel.capabilities()
    }

    async fn send(&self, message: &Outgoing, gate: &mut Gate) -> Result<Receipt, SendError> {
        let result = self.channel.send(message, gate).await;
        if self.goal.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.goal.reached.notify_one();
        }
        result
    }

    async fn lookup(&self, message: &Outgoing) -> Result<Lookup, SendError> {
        self.channel.lookup(message).await
    }
}
