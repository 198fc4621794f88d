//! When processes are killed: one worker in the middle, and any of them at moments drawn by lot.

use std::time::{Duration, Instant};

use anyhow::Result;
use queue_core::{JobFilter, JobId, JobState, Page, Store, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::cast::Cast;
use crate::progress::Progress;

/// The worker is killed when so many of a hundred are done; at the latest, when so many are.
const FROM: u64 = 40;
const AT_THE_LATEST: u64 = 80;
/// How many milliseconds are between two that are drawn.
const GAPS: std::ops::Range<u64> = 100..1500;

/// What became of the worker that was killed in the middle.
#[derive(Debug)]
pub(crate) struct Killed {
    /// The jobs in its hands.
    pub(crate) held: Vec<JobId>,
    pub(crate) at: Timestamp,
}

/// What is killed still, and what was.
#[derive(Debug)]
pub(crate) struct Kills {
    lot: StdRng,
    left: u32,
    next: Instant,
    pub(crate) drawn: u32,
    pub(crate) worker: Option<Killed>,
}

impl Kills {
    pub(crate) fn new(count: u32, lot: u64) -> Self {
        let mut kills = Self {
            lot: StdRng::seed_from_u64(lot),
            left: count,
            next: Instant::now(),
            drawn: 0,
            worker: None,
        };
        kills.draw();
        kills
    }

    fn draw(&mut self) {
        self.next = Instant::now() + Duration::from_millis(self.lot.random_range(GAPS));
    }

    /// Kills what is due. `done` is of a hundred.
    pub(crate) async fn pass(
        &mut self,
        done: u64,
        cast: &mut Cast,
        store: &dyn Store,
        progress: &Progress,
    ) -> Result<()> {
        if self.left > 0 && Instant::now() >= self.next {
            let place = self.lot.random_range(0..cast.len());
            if let Some((part, process)) = cast.at(place) {
                progress.say(&format!("killed process {process}, of the part {part:?}"));
            }
            cast.replace(place).await?;
            self.left -= 1;
            self.drawn += 1;
            self.draw();
        }
        if self.worker.is_none() && done >= FROM {
            self.kill_worker(done, cast, store, progress).await?;
        }
        Ok(())
    }

    /// With jobs in its hands, if it has some.
    async fn kill_worker(
        &mut self,
        done: u64,
        cast: &mut Cast,
        store: &dyn Store,
        progress: &Progress,
    ) -> Result<()> {
        let Some((place, process)) = cast
            .first_worker()
            .and_then(|place| Some((place, cast.at(place)?.1)))
        else {
            return Ok(());
        };
        let held = held_by(process, store).await?;
        if held.is_empty() && done < AT_THE_LATEST {
            return Ok(());
        }
        let at = store.now().await?;
        cast.replace(place).await?;
        progress.say(&format!(
            "killed a worker (SIGKILL, process {process}) with {} reviews in its hands; another takes its place",
            held.len()
        ));
        self.worker = Some(Killed { held, at });
        Ok(())
    }
}

/// The jobs that a worker of that process holds: its name has the process in it.
async fn held_by(process: u32, store: &dyn Store) -> Result<Vec<JobId>> {
    let filter = JobFilter {
        state: Some(JobState::Running),
        ..JobFilter::default()
    };
    let running = store.jobs(&filter, Page::first(1000)?).await?.jobs;
    let mark = format!(".{process}.");
    let ours = running.iter().filter(|job| {
        let holder = job.held.as_ref().map(|(holder, _)| holder.as_str());
        holder.is_some_and(|holder| holder.contains(&mark))
    });
    Ok(ours.map(|job| job.id).collect())
}
