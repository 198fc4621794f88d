use super::state::{Letter, State, rows_after};
use crate::{
    Act, AuditEntry, BeginStep, Begun, Evidence, ItemOutcome, JobId, JobSet, LetterState, NewRun,
    Page, PlanDigest, ReplayFacts, ReplayItem, ReplayRun, RunApplied, RunBatch, RunCounts, RunEnd,
    RunId, RunLease, RunState, StoreId, Timestamp,
};

impl State {
    pub(super) fn replay_facts(&self, jobs: &JobSet) -> Vec<ReplayFacts> {
        let letters = jobs.jobs().iter().filter_map(|job| self.letters.get(job));
        let facts = |row: &Letter| {
            let job = &row.letter.job;
            let newer = job.subject.as_ref().and_then(|(subject, revision)| {
                let known = self.subjects.get(&(job.kind.clone(), subject.clone()))?;
                (known.job != job.id && known.revision >= *revision).then_some(known.revision)
            });
            ReplayFacts {
                job: job.id,
                has_key: self.keys.values().any(|key| key.job == job.id),
                newer_revision: newer,
            }
        };
        letters.map(facts).collect()
    }

    pub(super) fn begin_run(
        &mut self,
        store: StoreId,
        now: Timestamp,
        new: &NewRun,
        act: &Act,
    ) -> Begun {
        let found = self.run_of(&new.plan);
        let lease = |run, fence| RunLease {
            store,
            run,
            fence,
            lasts: new.lease(),
        };
        let held = Some((new.holder.clone(), now + new.lease()));
        match (BeginStep::of(found.as_ref(), new, now), found) {
            (BeginStep::Refuse, Some(run)) => Begun::Refused(Box::new(run)),
            (BeginStep::TakeOver, Some(mut run)) => {
                self.record(now, AuditEntry::resume_run(act, &run, new));
                run.settings.clone_from(&new.settings);
                run.state = RunState::Running;
                run.fence += 1;
                run.held = held;
                (run.ended_at, run.note) = (None, None);
                self.runs.insert(run.id, run.clone());
                Begun::Resumed(lease(run.id, run.fence), Box::new(run))
            }
            _ => {
                let last = self.runs.last_key_value().map_or(0, |(id, _)| id.get());
                let id = RunId::new(last + 1);
                let run = ReplayRun {
                    id,
                    plan: new.plan.clone(),
                    state: RunState::Running,
                    letters: new.letters,
                    from_start: new.from_start,
                    settings: new.settings.clone(),
                    act: act.clone(),
                    begun_at: now,
                    ended_at: None,
                    note: None,
                    held,
                    fence: 1,
                    counts: RunCounts::default(),
                };
                self.runs.insert(id, run);
                self.record(now, AuditEntry::begin_run(act, new));
                Begun::New(lease(id, 1))
            }
        }
    }

    /// The run, if the lease is the one under which it goes on; renews that.
    fn renewed(&mut self, now: Timestamp, lease: &RunLease) -> Option<ReplayRun> {
        let run = self.runs.get_mut(&lease.run);
        let run = run.filter(|run| run.is_held_by(lease, now))?;
        if let Some((_, until)) = &mut run.held {
            *until = now + lease.lasts;
        }
        Some(run.clone())
    }

    pub(super) fn apply_to_run(
        &mut self,
        now: Timestamp,
        lease: &RunLease,
        batch: &RunBatch,
        act: &Act,
    ) -> RunApplied {
        let Some(run) = self.renewed(now, lease) else {
            return RunApplied::LeaseLost;
        };
        let mut outcomes = Vec::new();
        for (job, version) in batch.letters() {
            if let Some(known) = self.items.get(&(run.id, *job)) {
                outcomes.push(known.outcome);
                continue;
            }
            let seen = self.attach_for_run(now, *job, *version, batch.attached(), act);
            let replayed = self.replay_one(now, *job, seen, run.from_start);
            let outcome = ItemOutcome::at_first(replayed);
            if outcome == ItemOutcome::Running {
                self.record(now, AuditEntry::replay_by_run(act, *job, *version, &run));
            }
            let item = ReplayItem {
                job: *job,
                version: *version,
                at: now,
                outcome,
            };
            self.items.insert((run.id, *job), item);
            outcomes.push(outcome);
        }
        RunApplied::Applied(outcomes)
    }

    /// Attaches evidence where there is none; the version by which the letter is replayed then.
    fn attach_for_run(
        &mut self,
        now: Timestamp,
        job: JobId,
        version: i64,
        evidence: Option<&Evidence>,
        act: &Act,
    ) -> i64 {
        let bare = self.letters.get(&job).is_some_and(|row| {
            row.letter.version == version && row.letter.evidence.len() <= row.stale_evidence
        });
        if let (true, Some(evidence)) = (bare, evidence)
            && let crate::LetterChange::Applied { version } =
                self.attach_evidence(now, job, evidence.clone(), act)
        {
            return version;
        }
        version
    }

    /// A replayed job came to an end.
    pub(super) fn note_outcome(&mut self, job: JobId, letter: LetterState) {
        let items = self.items.values_mut().filter(|item| item.job == job);
        for item in items.filter(|item| item.outcome == ItemOutcome::Running) {
            item.outcome = ItemOutcome::at_last(letter);
        }
    }

    pub(super) fn watch_run(&mut self, now: Timestamp, lease: &RunLease) -> Option<ReplayRun> {
        self.renewed(now, lease).map(|run| self.counted(run))
    }

    pub(super) fn end_run(
        &mut self,
        now: Timestamp,
        lease: &RunLease,
        end: &RunEnd,
        act: &Act,
    ) -> Option<ReplayRun> {
        let mut run = self.renewed(now, lease)?;
        run.state = end.state();
        run.note = end.note();
        run.ended_at = (run.state != RunState::Running).then_some(now);
        run.held = None;
        self.runs.insert(run.id, run.clone());
        let run = self.counted(run);
        self.record(now, AuditEntry::end_run(act, &run, end));
        Some(run)
    }

    fn counted(&self, mut run: ReplayRun) -> ReplayRun {
        run.counts = RunCounts::default();
        for item in self.run_rows(run.id) {
            run.counts.add(item.outcome, 1);
        }
        run
    }

    fn run_rows(&self, run: RunId) -> impl Iterator<Item = &ReplayItem> {
        let rows = self.items.iter().filter(move |((of, _), _)| *of == run);
        rows.map(|(_, item)| item)
    }

    pub(super) fn run_of(&self, plan: &PlanDigest) -> Option<ReplayRun> {
        let run = self.runs.values().find(|run| run.plan == *plan)?;
        Some(self.counted(run.clone()))
    }

    pub(super) fn runs(&self, page: Page) -> Vec<ReplayRun> {
        rows_after(&self.runs, page.cursor().map(RunId::new))
            .take(page.limit() as usize)
            .map(|run| self.counted(run.clone()))
            .collect()
    }

    pub(super) fn run_items(&self, run: RunId, page: Page) -> Vec<ReplayItem> {
        let after = page.cursor().unwrap_or(i64::MIN);
        self.run_rows(run)
            .filter(|item| item.job.get() > after)
            .take(page.limit() as usize)
            .copied()
            .collect()
    }
}
