//! All jobs in this worker's hands, from the claim to the settlement.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::JobId;
use crate::worker::holding::Holding;

#[derive(Debug, Default)]
pub(crate) struct Hands {
    held: Mutex<Held>,
    /// Something left: there is room, or everything is done.
    left: Notify,
}

#[derive(Debug, Default)]
struct Held {
    /// Whose lease is ours to renew: waiting, running, and not settled yet.
    all: HashMap<JobId, Arc<Holding>>,
    /// Claimed ahead, for slots that will be free in a moment.
    waiting: VecDeque<Arc<Holding>>,
    /// Slots that run handlers.
    slots: usize,
}

impl Hands {
    /// No code that can panic runs under this lock.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes jobs in, and says how many slots are to be started for them.
    pub(crate) fn take(&self, jobs: Vec<Arc<Holding>>, most_slots: usize) -> usize {
        let mut held = self.held();
        for job in jobs {
            held.all.insert(job.job.id(), Arc::clone(&job));
            held.waiting.push_back(job);
        }
        let started = held
            .waiting
            .len()
            .min(most_slots.saturating_sub(held.slots));
        held.slots += started;
        started
    }

    /// Holds a job that no slot is to run.
    pub(crate) fn take_inline(&self, job: &Arc<Holding>) {
        self.held().all.insert(job.job.id(), Arc::clone(job));
    }

    /// The next job for a slot; without one the slot is given up.
    pub(crate) fn next(&self) -> Option<Arc<Holding>> {
        let mut held = self.held();
        let next = held.waiting.pop_front();
        if next.is_none() {
            held.slots = held.slots.saturating_sub(1);
            if held.slots == 0 {
                self.left.notify_waiters();
            }
        }
        next
    }

    /// Lets go of jobs that are settled, or not ours any more.
    pub(crate) fn let_go<'h>(&self, jobs: impl IntoIterator<Item = &'h Arc<Holding>>) {
        let mut held = self.held();
        for job in jobs {
            held.all.remove(&job.job.id());
        }
        drop(held);
        self.left.notify_waiters();
    }

    pub(crate) fn count(&self) -> usize {
        self.held().all.len()
    }

    /// Waits until there are at most so many, and says how many there are.
    pub(crate) async fn at_most(&self, most: usize) -> usize {
        loop {
            let mut left = std::pin::pin!(self.left.notified());
            // Before the look, so that what leaves after it is heard of.
            left.as_mut().enable();
            let count = self.count();
            if count <= most {
                return count;
            }
            left.await;
        }
    }

    /// Waits until no handler runs and none is to be started.
    pub(crate) async fn quiet(&self) {
        loop {
            let mut left = std::pin::pin!(self.left.notified());
            left.as_mut().enable();
            let quiet = {
                let held = self.held();
                held.slots == 0 && held.waiting.is_empty()
            };
            if quiet {
                return;
            }
            left.await;
        }
    }

    pub(crate) fn all(&self) -> Vec<Arc<Holding>> {
        self.held().all.values().cloned().collect()
    }

    /// Takes back those that have waited for a slot for so long; all of them for zero.
    pub(crate) fn unstarted(&self, now: Instant, waited: Duration) -> Vec<Arc<Holding>> {
        let mut held = self.held();
        let aged = held
            .waiting
            .iter()
            .take_while(|job| job.age(now) >= waited)
            .count();
        held.waiting.drain(..aged).collect()
    }
}
