use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::state::{QueueRow, State};
use crate::{
    Act, AuditEntry, Bucket, Cancelled, Count, JobId, JobState, JobView, KindName, LetterState,
    NotificationState, Payload, QueueChange, QueueName, QueueSettings, QueueStats, STATS_COUNT_CAP,
    Stats, Timestamp,
};

impl State {
    pub(super) fn cancel(&mut self, now: Timestamp, id: JobId, act: &Act) -> Cancelled {
        let Some(state) = self.job(id).map(|job| job.state) else {
            return Cancelled::NotFound;
        };
        match (state, self.live.get_mut(&id)) {
            (JobState::Running, Some(job)) => {
                let first = !job.cancel_requested;
                job.cancel_requested = true;
                if first {
                    self.record(now, AuditEntry::cancel(act, id, true));
                }
                Cancelled::Requested
            }
            (JobState::Queued, Some(_)) => {
                let result = Payload::of_cancellation(&act.reason);
                self.finish(now, id, JobState::Cancelled, Some(result));
                self.record(now, AuditEntry::cancel(act, id, false));
                Cancelled::Cancelled
            }
            _ => Cancelled::TooLate(state),
        }
    }

    pub(super) fn configure(
        &mut self,
        now: Timestamp,
        queue: &QueueName,
        change: &QueueChange,
        act: &Act,
    ) -> QueueSettings {
        let row = self
            .queues
            .entry(queue.clone())
            .or_insert_with(|| QueueRow {
                settings: QueueSettings::new(queue.clone()),
                bucket: None,
                last_served: None,
            });
        row.settings = row.settings.clone().changed(change);
        if change.rate.is_some() {
            row.bucket = row
                .settings
                .rate
                .as_ref()
                .map(|rate| Bucket::full(rate, now));
        }
        let settings = row.settings.clone();
        self.record(now, AuditEntry::configure(act, &settings));
        settings
    }

    pub(super) fn settings(&self) -> Vec<QueueSettings> {
        self.queues
            .values()
            .map(|row| row.settings.clone())
            .collect()
    }

    pub(super) fn stats(&self, now: Timestamp) -> Stats {
        let mut by_queue: BTreeMap<&QueueName, Vec<&JobView>> = BTreeMap::new();
        for job in self
            .live
            .values()
            .filter(|job| job.state != JobState::AwaitingDelivery)
        {
            by_queue.entry(&job.queue).or_default().push(job);
        }
        let queues = by_queue
            .into_iter()
            .map(|(queue, jobs)| queue_stats(now, queue, &jobs));
        let notifications = |state| {
            capped(
                self.notifications
                    .values()
                    .filter(move |row| row.state == state)
                    .count(),
            )
        };
        let live = self.live.values();
        let dead = self.letters.values().filter(|letter| {
            matches!(
                letter.letter.state,
                LetterState::Open | LetterState::Escalated
            )
        });
        Stats {
            queues: queues.collect(),
            awaiting_delivery: capped(
                live.filter(|job| job.state == JobState::AwaitingDelivery)
                    .count(),
            ),
            dead: capped(dead.count()),
            notifications_pending: notifications(NotificationState::Pending),
            notifications_in_doubt: notifications(NotificationState::InDoubt),
        }
    }
}

fn capped(count: usize) -> Count {
    Count::up_to_cap(u32::try_from(count).unwrap_or(STATS_COUNT_CAP))
}

fn queue_stats(now: Timestamp, queue: &QueueName, jobs: &[&JobView]) -> QueueStats {
    let queued = |job: &&&JobView| job.state == JobState::Queued && !job.waits_for_turn;
    let ready = || jobs.iter().filter(queued).filter(|job| job.run_at <= now);
    QueueStats {
        queue: queue.clone(),
        ready: capped(ready().count()),
        scheduled: capped(
            jobs.iter()
                .filter(queued)
                .filter(|job| job.run_at > now)
                .count(),
        ),
        waiting: capped(jobs.iter().filter(|job| job.waits_for_turn).count()),
        running: capped(
            jobs.iter()
                .filter(|job| job.state == JobState::Running)
                .count(),
        ),
        oldest_ready: ready()
            .map(|job| job.run_at)
            .min()
            .map(|oldest| now.since(oldest)),
        kinds: kinds(ready().copied().collect()),
    }
}

/// Kinds of the first ready jobs, with how many of each are among them.
fn kinds(mut ready: Vec<&JobView>) -> Vec<(KindName, Count)> {
    ready.sort_by_key(|job| (Reverse(job.priority), job.run_at, job.id));
    let capped = ready.len() >= STATS_COUNT_CAP as usize;
    let mut kinds: BTreeMap<&KindName, u32> = BTreeMap::new();
    for job in ready.into_iter().take(STATS_COUNT_CAP as usize) {
        *kinds.entry(&job.kind).or_default() += 1;
    }
    kinds
        .into_iter()
        .map(|(kind, counted)| (kind.clone(), Count { counted, capped }))
        .collect()
}
