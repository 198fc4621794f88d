use std::cmp::Reverse;

use super::settle::record_failure;
use super::state::{Letter, State, rows_after};
use crate::{
    Act, Amended, Applied, AuditEntry, Burial, Closure, DeadLetter, ErrorClass, Evidence,
    EvidenceRecord, GroupBy, JobId, JobState, LetterChange, LetterFilter, LetterGroups, LetterList,
    LetterPage, LetterState, LetterSummary, Page, Payload, ReplayBatch, Replayed, Seen, Settled,
    Timestamp,
};

impl State {
    pub(super) fn bury(&mut self, now: Timestamp, id: JobId, burial: &Burial) -> Settled {
        let Some(mut job) = self.live.remove(&id) else {
            return Settled::LeaseLost;
        };
        let left = job.clone();
        let earlier = self.letters.remove(&id);
        record_failure(now, &mut job, &burial.failure);
        job.state = JobState::Dead;
        job.progress = burial.progress.clone();
        job.held = None;
        job.report = None;
        job.finished_at = Some(now);
        let letter = match earlier {
            None => DeadLetter {
                job,
                state: LetterState::Open,
                version: 1,
                deaths: 1,
                replays: 0,
                died_at: now,
                reason: burial.failure.reason.clone(),
                evidence: Vec::new(),
                note: None,
                original_payload: None,
            },
            Some(Letter { letter, .. }) => {
                let prior = letter.job.failure.as_ref().map(|failure| &failure.class);
                DeadLetter {
                    state: LetterState::on_death(prior, &burial.failure.class),
                    job,
                    version: letter.version + 1,
                    deaths: letter.deaths + 1,
                    died_at: now,
                    reason: burial.failure.reason.clone(),
                    ..letter
                }
            }
        };
        let (state, stale_evidence) = (letter.state, letter.evidence.len());
        self.letters.insert(
            id,
            Letter {
                letter,
                changed_at: now,
                stale_evidence,
            },
        );
        self.note_outcome(id, state);
        self.admit_next(now, &left);
        let publish = |new| self.publish(now, Some(id), new);
        let notifications = burial.notifications.iter().map(publish).collect();
        self.raise(now, burial.raised(state));
        Settled::Applied(Applied {
            state: JobState::Dead,
            follow_ups: Vec::new(),
            notifications,
        })
    }

    pub(super) fn dead_letter(&self, id: JobId) -> Option<DeadLetter> {
        self.letters.get(&id).map(|letter| self.shown(letter))
    }

    /// While a letter's job is live again (or has succeeded since), the job is shown as it is now.
    fn shown(&self, letter: &Letter) -> DeadLetter {
        let mut shown = letter.letter.clone();
        if let Some(now) = self
            .live
            .get(&shown.job.id)
            .or_else(|| self.history.get(&shown.job.id))
        {
            shown.job = now.clone();
        }
        shown
    }

    pub(super) fn dead_letters(&self, filter: &LetterFilter, page: Page) -> Vec<DeadLetter> {
        rows_after(&self.letters, page.cursor().map(JobId::new))
            .filter(|letter| filter.takes(&summary(letter)))
            .take(page.limit() as usize)
            .map(|letter| self.shown(letter))
            .collect()
    }

    /// Newest death first.
    fn summaries(&self) -> Vec<LetterSummary> {
        let mut letters: Vec<_> = self.letters.values().map(summary).collect();
        letters.sort_by_key(|letter| Reverse(letter.cursor()));
        letters
    }

    pub(super) fn letter_list(&self, filter: &LetterFilter, page: LetterPage) -> LetterList {
        let behind = page.behind(filter);
        let letters = self.summaries().into_iter();
        let fitting = letters.filter(|letter| letter.cursor() < behind && filter.takes(letter));
        // There is no index here to be walked along.
        let seen = fitting.map(|letter| Seen {
            letter,
            fits: true,
            place: 1,
        });
        LetterList::of(page, seen)
    }

    pub(super) fn letter_groups(&self, filter: &LetterFilter, by: GroupBy) -> LetterGroups {
        let letters = self.summaries();
        LetterGroups::count(by, letters.iter().filter(|letter| filter.takes(letter)))
    }

    pub(super) fn attach_evidence(
        &mut self,
        now: Timestamp,
        id: JobId,
        evidence: Evidence,
        act: &Act,
    ) -> LetterChange {
        let Some(row) = self.letters.get_mut(&id) else {
            return LetterChange::NotFound;
        };
        let letter = &mut row.letter;
        if !letter.state.is_waiting() {
            return LetterChange::Refused {
                state: letter.state,
            };
        }
        let entry = AuditEntry::evidence(act, id, &evidence);
        letter.evidence.push(EvidenceRecord {
            actor: act.actor.clone(),
            at: now,
            evidence,
        });
        letter.version += 1;
        row.changed_at = now;
        let version = letter.version;
        self.record(now, entry);
        LetterChange::Applied { version }
    }

    pub(super) fn amend(
        &mut self,
        now: Timestamp,
        id: JobId,
        version: i64,
        payload: Payload,
        act: &Act,
    ) -> Amended {
        let Some(row) = self.letters.get_mut(&id) else {
            return Amended::NotFound;
        };
        let letter = &mut row.letter;
        if let Some(refusal) = Amended::refusal(letter.state, letter.version, version) {
            return refusal;
        }
        let entry = AuditEntry::amend(act, id, version, &letter.job.payload, &payload);
        let before = std::mem::replace(&mut letter.job.payload, payload);
        letter.original_payload.get_or_insert(before);
        letter.version += 1;
        row.changed_at = now;
        let version = letter.version;
        self.record(now, entry);
        Amended::Applied { version }
    }

    pub(super) fn replay(
        &mut self,
        now: Timestamp,
        batch: &ReplayBatch,
        act: &Act,
    ) -> Vec<Replayed> {
        let replay = |(id, version): &(JobId, i64)| {
            let replayed = self.replay_one(now, *id, *version, batch.discards_stages());
            if replayed == Replayed::Requeued {
                self.record(now, AuditEntry::replay(act, *id, *version, batch));
            }
            replayed
        };
        batch.letters().iter().map(replay).collect()
    }

    pub(super) fn replay_one(
        &mut self,
        now: Timestamp,
        id: JobId,
        version: i64,
        from_start: bool,
    ) -> Replayed {
        let Some(row) = self.letters.get_mut(&id) else {
            return Replayed::NotFound;
        };
        let letter = &mut row.letter;
        let has_evidence = letter.evidence.len() > row.stale_evidence;
        let refusal = Replayed::refusal(letter.state, letter.version, version, has_evidence);
        if let Some(refusal) = refusal {
            return refusal;
        }
        letter.state = LetterState::Replaying;
        letter.version += 1;
        letter.replays += 1;
        row.changed_at = now;
        let mut job = letter.job.clone();
        job.state = JobState::Queued;
        job.run_at = now;
        job.finished_at = None;
        job.progress = job.progress.for_replay(from_start);
        if from_start {
            self.stages.remove(&id);
        }
        self.admit(job);
        Replayed::Requeued
    }

    pub(super) fn close(
        &mut self,
        now: Timestamp,
        id: JobId,
        closure: Closure,
        act: &Act,
    ) -> LetterChange {
        let Some(row) = self.letters.get_mut(&id) else {
            return LetterChange::NotFound;
        };
        let letter = &mut row.letter;
        // While it replays, its job is live: the job's end ends the letter.
        if letter.state == LetterState::Replaying || !letter.state.may_become(closure.target()) {
            return LetterChange::Refused {
                state: letter.state,
            };
        }
        letter.state = closure.target();
        letter.note = Some(act.reason.clone());
        letter.version += 1;
        row.changed_at = now;
        let version = letter.version;
        self.record(now, AuditEntry::close(act, id, closure));
        LetterChange::Applied { version }
    }
}

fn summary(row: &Letter) -> LetterSummary {
    let letter = &row.letter;
    let job = &letter.job;
    let failure = job.failure.as_ref();
    LetterSummary {
        job: job.id,
        state: letter.state,
        version: letter.version,
        deaths: letter.deaths,
        replays: letter.replays,
        died_at: letter.died_at,
        queue: job.queue.clone(),
        kind: job.kind.clone(),
        tenant: job.tenant.clone(),
        stage: job.progress.stage_name(),
        error_class: failure.map_or_else(ErrorClass::unclassified, |f| f.class.clone()),
        reason: letter.reason.clone(),
        message: failure.map_or_else(String::new, |f| f.message.clone()),
        has_evidence: letter.evidence.len() > row.stale_evidence,
    }
}
