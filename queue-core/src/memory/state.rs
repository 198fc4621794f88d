//! All that the store holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    AuditEntry, AuditFilter, AuditLead, AuditList, AuditPage, AuditRecord, Bucket, ChannelName,
    ChannelState, DeadLetter, DeliveryEvent, IdempotencyKey, Incident, Intent, JobId, JobState,
    JobView, KindName, Led, LetterState, Notification, NotificationId, Page, Payload, QueueName,
    QueueSettings, ReplayItem, ReplayRun, Retention, Revision, RoleName, RunId, ScheduleName,
    ScheduleView, Seal, StageName, Subject, Suppression, TenantName, Timestamp,
};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) last_job: i64,
    pub(super) last_notification: i64,
    /// Queued, running and awaiting delivery.
    pub(super) live: BTreeMap<JobId, JobView>,
    /// Succeeded and cancelled.
    pub(super) history: BTreeMap<JobId, JobView>,
    pub(super) letters: BTreeMap<JobId, Letter>,
    pub(super) stages: BTreeMap<JobId, BTreeMap<StageName, Payload>>,
    pub(super) keys: HashMap<(KindName, IdempotencyKey), RememberedKey>,
    pub(super) subjects: HashMap<(KindName, Subject), Succeeded>,
    pub(super) queues: BTreeMap<QueueName, QueueRow>,
    pub(super) notifications: BTreeMap<NotificationId, Notification>,
    pub(super) intents: HashMap<Intent, NotificationId>,
    /// Which awaiting job is linked to which notifications.
    pub(super) requirements: BTreeMap<JobId, BTreeSet<NotificationId>>,
    pub(super) events: BTreeMap<NotificationId, Vec<DeliveryEvent>>,
    pub(super) channels: BTreeMap<ChannelName, ChannelState>,
    pub(super) last_suppression: i64,
    pub(super) suppressions: BTreeMap<i64, Suppression>,
    pub(super) incidents: BTreeMap<Subject, Incident>,
    pub(super) schedules: BTreeMap<ScheduleName, ScheduleView>,
    pub(super) leaders: BTreeMap<RoleName, Led>,
    pub(super) runs: BTreeMap<RunId, ReplayRun>,
    pub(super) items: BTreeMap<(RunId, JobId), ReplayItem>,
    pub(super) audit: Vec<AuditRecord>,
    pub(super) seals: Vec<Seal>,
    pub(super) retention: Retention,
}

#[derive(Debug)]
pub(super) struct Letter {
    pub(super) letter: DeadLetter,
    /// When it last changed.
    pub(super) changed_at: Timestamp,
    /// How much of its evidence is older than its last death.
    pub(super) stale_evidence: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct RememberedKey {
    pub(super) job: JobId,
    pub(super) until: Timestamp,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Succeeded {
    pub(super) job: JobId,
    pub(super) revision: Revision,
    pub(super) at: Timestamp,
}

#[derive(Debug)]
pub(super) struct QueueRow {
    pub(super) settings: QueueSettings,
    pub(super) bucket: Option<Bucket>,
    pub(super) last_served: Option<Option<TenantName>>,
}

impl State {
    pub(super) fn record(&mut self, now: Timestamp, entry: AuditEntry) {
        let previous = self
            .audit
            .last()
            .map(|record| (record.seq, record.hash.as_str()));
        let record = AuditRecord::next(previous, now, entry);
        self.audit.push(record);
    }

    pub(super) fn audit_page(&self, filter: &AuditFilter, page: AuditPage) -> AuditList {
        let (lead, text) = filter.lead();
        let along = |record: &&AuditRecord| match lead {
            AuditLead::Target => record.entry.target == text,
            AuditLead::Action => record.entry.action == text,
            AuditLead::Actor => record.entry.act.actor.as_str() == text,
            AuditLead::All => true,
        };
        let (cursor, walk) = (page.cursor(), page.walk(filter) as usize);
        let walked = self.audit.iter().filter(along);
        let walked = if page.is_newest_first() {
            let behind = walked.rev().filter(|record| record.seq < cursor);
            behind.take(walk).cloned().collect()
        } else {
            let behind = walked.filter(|record| record.seq > cursor);
            behind.take(walk).cloned().collect()
        };
        AuditList::of(filter, page, walked)
    }

    pub(super) fn job(&self, id: JobId) -> Option<JobView> {
        let dead = || self.letters.get(&id).map(|letter| &letter.letter.job);
        self.live
            .get(&id)
            .or_else(|| self.history.get(&id))
            .or_else(dead)
            .cloned()
    }

    pub(super) fn live(&self, page: Page) -> Vec<JobView> {
        rows_after(&self.live, page.cursor().map(JobId::new))
            .take(page.limit() as usize)
            .cloned()
            .collect()
    }

    /// Takes a job off the live ones for good.
    pub(super) fn finish(
        &mut self,
        now: Timestamp,
        id: JobId,
        state: JobState,
        result: Option<Payload>,
    ) {
        let Some(mut job) = self.live.remove(&id) else {
            return;
        };
        job.state = state;
        job.result = result.or(job.result);
        job.finished_at = Some(now);
        job.held = None;
        job.report = None;
        job.cancel_requested = false;
        job.waits_for_turn = false;
        self.stages.remove(&id);
        self.requirements.remove(&id);
        self.end_replay(now, id, state);
        if state == JobState::Succeeded {
            self.remember_success(now, &job);
        }
        self.admit_next(now, &job);
        self.history.insert(id, job);
    }

    fn end_replay(&mut self, now: Timestamp, id: JobId, state: JobState) {
        let Some(letter) = self.letters.get_mut(&id) else {
            return;
        };
        if letter.letter.state == LetterState::Replaying {
            letter.letter.state = match state {
                JobState::Succeeded => LetterState::Resolved,
                _ => LetterState::Discarded,
            };
            letter.letter.note = letter.letter.state.note_of_replay().map(str::to_owned);
            letter.letter.version += 1;
            letter.changed_at = now;
            let state = letter.letter.state;
            self.note_outcome(id, state);
        }
    }

    fn remember_success(&mut self, now: Timestamp, job: &JobView) {
        let Some((subject, revision)) = job.subject.clone() else {
            return;
        };
        let latest = self
            .subjects
            .entry((job.kind.clone(), subject))
            .or_insert(Succeeded {
                job: job.id,
                revision,
                at: now,
            });
        if revision >= latest.revision {
            *latest = Succeeded {
                job: job.id,
                revision,
                at: now,
            };
        }
    }
}

/// The rows of a table after a cursor.
pub(super) fn rows_after<K: Ord + Copy, V>(
    table: &BTreeMap<K, V>,
    cursor: Option<K>,
) -> impl Iterator<Item = &V> {
    use std::ops::Bound;
    let start = cursor.map_or(Bound::Unbounded, Bound::Excluded);
    table.range((start, Bound::Unbounded)).map(|(_, row)| row)
}
