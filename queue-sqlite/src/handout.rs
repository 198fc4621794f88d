//! Claimed jobs on their way to whoever claimed them.

use std::sync::mpsc::Sender;

use queue_core::{Claimed, Jitter, Outcome, RetryPolicy, SettleBatch, Settlement, decide};

use crate::request::GiveBack;
use crate::writer::Message;

/// Jobs that are under leases and not yet in anyone's hands: dropped, it gives them back.
pub(crate) struct Handout {
    claimed: Vec<Claimed>,
    writer: Sender<Message>,
}

impl Handout {
    pub(crate) fn new(claimed: Vec<Claimed>, writer: Sender<Message>) -> Self {
        Self { claimed, writer }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.claimed.is_empty()
    }

    /// They arrived.
    pub(crate) fn accept(mut self) -> Vec<Claimed> {
        std::mem::take(&mut self.claimed)
    }
}

impl Drop for Handout {
    fn drop(&mut self) {
        let policy = RetryPolicy::default();
        let unused = self
            .claimed
            .drain(..)
            .map(|job| Settlement {
                lease: job.lease,
                transition: decide(
                    Outcome::Released,
                    &job.progress,
                    job.max_attempts,
                    &policy,
                    Jitter::fixed(0.0),
                ),
            })
            .collect();
        // Fails only when there is none to give back.
        if let Ok(batch) = SettleBatch::new(unused) {
            // A writer that is gone leaves them to expire.
            drop(
                self.writer
                    .send(Message::Request(Box::new(GiveBack(batch)))),
            );
        }
    }
}
