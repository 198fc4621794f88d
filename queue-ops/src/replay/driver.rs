//! A plan being applied, step by step.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use queue_core::{
    Act, Begun, ItemOutcome, JobId, Page, ReplayPlan, ReplayRun, RunApplied, RunBatch, RunCounts,
    RunEnd, RunLease, Store, StoreError,
};

use super::settings::{Settings, Standing, Step};
use super::telemetry::count;

/// How many items are asked for at a time.
const ITEMS: u32 = 10_000;
/// After so long a gap the pace begins anew: what was not done meanwhile is not made up for at once.
const GAP: Duration = Duration::from_secs(2);

/// Who looks on.
pub trait Watch {
    /// Whether the run is to be left. It is asked between two transactions.
    fn is_told_to_stop(&self) -> bool;

    /// How the run stands, and what it does next.
    fn stands(&mut self, run: &ReplayRun, next: Step);
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// All letters were seen.
    Finished(Box<ReplayRun>),
    /// Too many have failed.
    Stopped(Box<ReplayRun>),
    /// It was told to stop; another process may go on at once.
    LeftOff(Box<ReplayRun>),
    /// Another process has the run now.
    LeaseLost,
}

/// What applies a plan.
#[derive(Debug)]
pub struct Driver<'s> {
    store: &'s dyn Store,
    act: &'s Act,
    lease: RunLease,
    settings: Settings,
    left: Vec<(JobId, i64)>,
    /// What is not held against the run any more.
    forgiven: RunCounts,
    /// What the run had come to when it was looked at last.
    counted: RunCounts,
}

impl<'s> Driver<'s> {
    /// For a run that is begun or gone on with; `None` where it was refused. What it has seen is left out.
    /// With `forgive`, outcomes until now do not count: somebody has looked at them and goes on.
    pub async fn new(
        store: &'s dyn Store,
        act: &'s Act,
        begun: &Begun,
        plan: &ReplayPlan,
        include_unsafe: bool,
        forgive: bool,
    ) -> Result<Option<Self>, StoreError> {
        let (lease, seen, forgiven, counted) = match begun {
            Begun::New(lease) => (
                *lease,
                HashSet::new(),
                RunCounts::default(),
                RunCounts::default(),
            ),
            Begun::Resumed(lease, run) => {
                let forgiven = if forgive {
                    run.counts
                } else {
                    RunCounts::default()
                };
                (*lease, seen(store, run).await?, forgiven, run.counts)
            }
            Begun::Refused(_) => return Ok(None),
        };
        let chosen = plan.chosen(include_unsafe);
        let mut left: Vec<_> = chosen
            .filter(|letter| !seen.contains(&letter.job))
            .map(|letter| (letter.job, letter.version))
            .collect();
        // Taken from the end.
        left.reverse();
        Ok(Some(Self {
            store,
            act,
            lease,
            settings: Settings::default(),
            left,
            forgiven,
            counted,
        }))
    }

    /// How it is applied.
    #[must_use]
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Goes on until there is an end. After an error the run stays as it is until its lease ends.
    pub async fn drive<W: Watch + ?Sized>(mut self, watch: &mut W) -> Result<Ended, StoreError> {
        let (mut since, mut replayed, mut last) = (Instant::now(), 0, Instant::now());
        loop {
            if watch.is_told_to_stop() {
                return self.end(RunEnd::LeftOff, Ended::LeftOff).await;
            }
            let Some(run) = self.store.watch_run(&self.lease).await? else {
                return Ok(Ended::LeaseLost);
            };
            self.count(&run);
            if last.elapsed() > GAP {
                (since, replayed) = (Instant::now(), 0);
            }
            last = Instant::now();
            let next = self.settings.next(&Standing {
                counts: without(run.counts, self.forgiven),
                left: self.left.len(),
                elapsed: since.elapsed(),
                replayed,
            });
            watch.stands(&run, next);
            match next {
                Step::Replay(count) => match self.replay(count).await? {
                    Some(count) => replayed += count,
                    None => return Ok(Ended::LeaseLost),
                },
                Step::Pause(wait) => tokio::time::sleep(wait).await,
                Step::Await(wait) => {
                    tokio::time::sleep(wait).await;
                    (since, replayed) = (Instant::now(), 0);
                }
                Step::Stop { failed, ended } => {
                    let why = format!("{failed} of {ended} died again");
                    return self.end(RunEnd::Stopped(why), Ended::Stopped).await;
                }
                Step::Finish => return self.end(RunEnd::Finished, Ended::Finished).await,
            }
        }
    }

    /// The next so many, in one transaction; how many of them were replayed.
    async fn replay(&mut self, count: usize) -> Result<Option<u64>, StoreError> {
        let rest = self.left.len().saturating_sub(count);
        let mut letters = self.left.split_off(rest);
        letters.reverse();
        let batch = RunBatch::new(letters)?;
        let applied = self
            .store
            .apply_to_run(&self.lease, batch, self.act)
            .await?;
        Ok(match applied {
            RunApplied::Applied(outcomes) => {
                let replayed = outcomes
                    .iter()
                    .filter(|outcome| **outcome == ItemOutcome::Running);
                Some(replayed.count() as u64)
            }
            RunApplied::LeaseLost => None,
        })
    }

    /// Counts what has come to the run.
    fn count(&mut self, run: &ReplayRun) {
        count(&self.counted, &run.counts);
        self.counted = run.counts;
    }

    async fn end(
        &mut self,
        end: RunEnd,
        ended: fn(Box<ReplayRun>) -> Ended,
    ) -> Result<Ended, StoreError> {
        let run = self.store.end_run(&self.lease, end, self.act).await?;
        Ok(run.map_or(Ended::LeaseLost, |run| {
            self.count(&run);
            ended(Box::new(run))
        }))
    }
}

/// The jobs whose letters the run has seen.
async fn seen(store: &dyn Store, run: &ReplayRun) -> Result<HashSet<JobId>, StoreError> {
    let mut seen = HashSet::new();
    let mut page = Page::first(ITEMS)?;
    loop {
        let items = store.run_items(run.id, page).await?;
        let Some(last) = items.last() else {
            return Ok(seen);
        };
        page = page.after(last.job.get());
        seen.extend(items.iter().map(|item| item.job));
    }
}

/// What has ended since; what runs still counts as replayed.
fn without(counts: RunCounts, forgiven: RunCounts) -> RunCounts {
    RunCounts {
        succeeded: counts.succeeded.saturating_sub(forgiven.succeeded),
        died: counts.died.saturating_sub(forgiven.died),
        cancelled: counts.cancelled.saturating_sub(forgiven.cancelled),
        ..counts
    }
}
