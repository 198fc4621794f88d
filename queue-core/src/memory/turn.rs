//! Ordering keys: at most one job of a key is admitted, the others wait for their turn.

use std::cmp::Reverse;

use super::state::State;
use crate::{JobId, JobState, JobView, OrderingMode, QueueName, Timestamp};

impl State {
    fn mode(&self, queue: &QueueName) -> OrderingMode {
        self.queues
            .get(queue)
            .map(|row| row.settings.ordering)
            .unwrap_or_default()
    }

    fn same_key<'a>(&'a self, job: &'a JobView) -> impl Iterator<Item = &'a JobView> {
        self.live.values().filter(move |other| {
            job.ordering_key.is_some()
                && other.ordering_key == job.ordering_key
                && other.queue == job.queue
                && other.state != JobState::AwaitingDelivery
        })
    }

    /// Stores a queued job, admitted or waiting for its turn.
    pub(super) fn admit(&mut self, mut job: JobView) {
        let admitted = self.same_key(&job).find(|other| !other.waits_for_turn);
        let overtakes = admitted.is_some_and(|other| {
            self.mode(&job.queue) == OrderingMode::Loose
                && other.state == JobState::Queued
                && other.run_at > job.run_at
        });
        let admitted = admitted.map(|other| other.id);
        job.waits_for_turn = admitted.is_some() && !overtakes;
        if let Some(other) = admitted
            .filter(|_| overtakes)
            .and_then(|id| self.live.get_mut(&id))
        {
            other.waits_for_turn = true;
        }
        self.live.insert(job.id, job);
    }

    /// Admits the next of the key of a job that has left, or (in loose mode) was requeued.
    pub(super) fn admit_next(&mut self, now: Timestamp, left: &JobView) {
        if left.waits_for_turn || left.ordering_key.is_none() {
            return;
        }
        if self.same_key(left).any(|other| !other.waits_for_turn) {
            return;
        }
        let waiting = self.same_key(left);
        let next = match self.mode(&left.queue) {
            OrderingMode::Strict => waiting.map(|job| job.id).min(),
            OrderingMode::Loose => waiting
                .min_by_key(|job| loose_order(now, job))
                .map(|job| job.id),
        };
        if let Some(next) = next.and_then(|id| self.live.get_mut(&id)) {
            next.waits_for_turn = false;
        }
    }

    /// A requeued job keeps its place, unless the mode is loose: then the choice is made anew.
    pub(super) fn choose_again(&mut self, now: Timestamp, id: JobId) {
        let Some(job) = self.live.get_mut(&id) else {
            return;
        };
        if job.ordering_key.is_none() {
            return;
        }
        let left = job.clone();
        if self.mode(&left.queue) == OrderingMode::Loose {
            if let Some(job) = self.live.get_mut(&id) {
                job.waits_for_turn = true;
            }
            self.admit_next(now, &left);
        }
    }
}

/// Jobs that may run now first, by claim order; then the others by their time.
fn loose_order(
    now: Timestamp,
    job: &JobView,
) -> (bool, Reverse<i16>, Timestamp, Reverse<i16>, JobId) {
    let priority = Reverse(job.priority.get());
    if job.run_at <= now {
        (false, priority, job.run_at, Reverse(0), job.id)
    } else {
        (true, Reverse(0), job.run_at, priority, job.id)
    }
}
