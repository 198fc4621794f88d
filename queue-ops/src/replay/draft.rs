//! What a plan is made of.

use std::collections::{BTreeMap, BTreeSet};

use queue_core::{
    Actor, JobId, JobSet, LetterFilter, LetterState, LetterSummary, Page, PayloadCheck,
    PlannedLetter, ReplayPlan, Risk, Store, StoreError,
};

use super::kinds::Kinds;
use crate::letters;

/// How many facts are asked for at a time.
const FACTS: usize = 5_000;
/// How many whole letters, with their payloads, are held at a time.
const PAYLOADS: usize = 200;

/// Letters that can be replayed, in the order in which their jobs were enqueued.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    filter: LetterFilter,
    letters: Vec<LetterSummary>,
}

impl Draft {
    /// All that the filter takes and that wait for an operator; others cannot be replayed.
    pub async fn gather(store: &dyn Store, filter: LetterFilter) -> Result<Self, StoreError> {
        let states = match filter.state {
            Some(state) => vec![state],
            None => LetterState::ALL.to_vec(),
        };
        // By the job: one that dies again meanwhile is met once more, as it is then.
        let mut found = BTreeMap::new();
        for state in states.into_iter().filter(|state| state.is_waiting()) {
            let of_state = LetterFilter {
                state: Some(state),
                ..filter.clone()
            };
            let letters = letters::all(store, &of_state).await?;
            found.extend(letters.into_iter().map(|letter| (letter.job, letter)));
        }
        Ok(Self {
            filter,
            letters: found.into_values().collect(),
        })
    }

    /// The letters.
    #[must_use]
    pub fn letters(&self) -> &[LetterSummary] {
        &self.letters
    }

    /// Those without evidence on what they died of last.
    #[must_use]
    pub fn lacking(&self) -> Vec<JobId> {
        let lacking = self.letters.iter().filter(|letter| !letter.has_evidence);
        lacking.map(|letter| letter.job).collect()
    }

    /// The same jobs as their letters are now. What has come since stays out: nobody has looked at it.
    pub async fn renewed(self, store: &dyn Store) -> Result<Self, StoreError> {
        let jobs: BTreeSet<JobId> = self.letters.iter().map(|letter| letter.job).collect();
        let mut now = Self::gather(store, self.filter).await?;
        now.letters.retain(|letter| jobs.contains(&letter.job));
        Ok(now)
    }

    /// The plan, with the risks of each letter.
    pub async fn plan(
        &self,
        store: &dyn Store,
        kinds: &Kinds,
        made_by: Actor,
        from_start: bool,
    ) -> Result<ReplayPlan, StoreError> {
        let mut planned = Vec::with_capacity(self.letters.len());
        for some in self.letters.chunks(FACTS) {
            let jobs = JobSet::new(some.iter().map(|letter| letter.job).collect())?;
            let facts = store.replay_facts(&jobs).await?;
            let facts: BTreeMap<_, _> = facts.iter().map(|facts| (facts.job, facts)).collect();
            let checks = checks(store, kinds, some).await?;
            planned.extend(some.iter().map(|letter| {
                let by_name = || kinds.of_kind(&letter.kind);
                let check = checks.get(&letter.job).copied().unwrap_or_else(by_name);
                let risks = Risk::of(letter, facts.get(&letter.job).copied(), check);
                PlannedLetter::new(letter, risks)
            }));
        }
        let now = store.now().await?;
        let plan = ReplayPlan::new(store.id(), &self.filter, made_by, now, from_start, planned)?;
        Ok(plan)
    }
}

/// Of those letters whose kinds have contracts, whether they keep them.
async fn checks(
    store: &dyn Store,
    kinds: &Kinds,
    letters: &[LetterSummary],
) -> Result<BTreeMap<JobId, PayloadCheck>, StoreError> {
    let read = letters
        .iter()
        .filter(|letter| kinds.has_contract(&letter.kind));
    let jobs: Vec<JobId> = read.map(|letter| letter.job).collect();
    let mut checks = BTreeMap::new();
    for some in jobs.chunks(PAYLOADS) {
        let filter = LetterFilter {
            jobs: Some(JobSet::new(some.to_vec())?),
            ..LetterFilter::default()
        };
        let limit = u32::try_from(PAYLOADS).unwrap_or(u32::MAX);
        let whole = store.dead_letters(&filter, Page::first(limit)?).await?;
        checks.extend(
            whole
                .iter()
                .map(|letter| (letter.job.id, kinds.of_job(&letter.job))),
        );
    }
    Ok(checks)
}
