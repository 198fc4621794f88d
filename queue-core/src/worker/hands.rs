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

    /// Lets go of jobs that are settled, or not ours any more. One that went back may have been claimed again
    /// by now: that is another holding of the same job, which stays and has to be renewed.
    pub(crate) fn let_go<'h>(&self, jobs: impl IntoIterator<Item = &'h Arc<Holding>>) {
        let mut held = self.held();
        for job in jobs {
            let id = job.job.id();
            if held
                .all
                .get(&id)
                .is_some_and(|there| Arc::ptr_eq(there, job))
            {
                held.all.remove(&id);
            }
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
            .take_while(|job| job.waited(now) >= waited)
            .count();
        held.waiting.drain(..aged).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;
    use crate::{
        ClaimRequest, EnqueueBatch, JobStore, KindName, NewJob, Payload, QueueName, WorkerName,
    };

    const LEASE: Duration = Duration::from_secs(30);

    async fn claimed(jobs: usize, asked: Instant) -> Vec<Arc<Holding>> {
        let store = MemoryStore::default();
        let queue = QueueName::new("q").unwrap();
        let (kind, payload) = (KindName::new("k").unwrap(), Payload::json(&1).unwrap());
        let job = NewJob::new(queue.clone(), kind, payload);
        let batch = EnqueueBatch::new(vec![job; jobs]).unwrap();
        store.enqueue(batch).await.unwrap();
        let request = ClaimRequest::new(WorkerName::new("w").unwrap(), vec![queue], 100).unwrap();
        let claimed = store.claim(request).await.unwrap();
        let hold = |job| Arc::new(Holding::new(job, asked, LEASE, Arc::default()));
        claimed.into_iter().map(hold).collect()
    }

    #[tokio::test]
    async fn slots_are_started_up_to_their_number_and_given_up_when_there_is_nothing() {
        let hands = Hands::default();
        let mut jobs = claimed(5, Instant::now()).await;
        let rest = jobs.split_off(3);
        assert_eq!(hands.take(jobs, 2), 2);
        assert_eq!(hands.take(rest, 2), 0, "both slots are taken");
        let ran = std::iter::from_fn(|| hands.next()).count();
        assert_eq!(ran, 5);
        assert!(hands.next().is_none(), "the second slot is given up, too");
        hands.quiet().await;
        assert_eq!(hands.count(), 5, "none of them is settled");
        hands.let_go(&hands.all());
        assert_eq!(hands.at_most(0).await, 0);
    }

    /// A job that went back and was claimed again at once is another holding, and has to be renewed.
    #[tokio::test]
    async fn letting_go_of_an_old_holding_leaves_the_new_one() {
        let hands = Hands::default();
        let old = claimed(1, Instant::now()).await;
        hands.take(old.clone(), 1);
        let new = Holding::new(old[0].job.clone(), Instant::now(), LEASE, Arc::default());
        let new = vec![Arc::new(new)];
        hands.take(new.clone(), 1);
        hands.let_go(&old);
        assert_eq!(hands.count(), 1, "it is still renewed");
        hands.let_go(&new);
        assert_eq!(hands.count(), 0);
    }

    /// Others could run it, so a lease that is kept alive is no reason to keep it.
    #[tokio::test]
    async fn what_waits_for_too_long_is_taken_back_though_it_was_renewed() {
        let hands = Hands::default();
        let begun = Instant::now();
        let jobs = claimed(2, begun).await;
        hands.take(jobs.clone(), 1);
        let later = begun + Duration::from_secs(1);
        for job in &jobs {
            job.renewed(later, job.lease().expires_at());
        }
        assert!(hands.unstarted(begun, Duration::from_secs(1)).is_empty());
        assert_eq!(hands.unstarted(later, Duration::from_secs(1)).len(), 2);
        assert!(hands.next().is_none(), "no slot gets them any more");
        assert_eq!(hands.count(), 2, "they are ours until they are settled");
    }
}
