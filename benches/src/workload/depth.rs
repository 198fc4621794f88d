//! W5: how fast the first jobs go, whatever else lies in the queue.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use async_trait::async_trait;
use queue_core::{ClaimRequest, Store, WorkerName};

use crate::backend;
use crate::case::Case;
use crate::census::{Census, checkpoint};
use crate::contestant::Contestant;
use crate::record::Sample;
use crate::target::Target;
use crate::venue::{Engine, Place};
use crate::workload::load;
use crate::workload::pipeline::{Shape, WARM, drain, warm_up};

/// So many are drained, and measured.
const DRAINED: u64 = 20_000;
const RUNNING: u64 = 10_000;

/// How many jobs make a deep queue.
pub(crate) fn deep(quick: bool) -> u64 {
    if quick { 100_000 } else { 1_000_000 }
}

/// Jobs per claim: what fits each database best.
pub(crate) fn shape(engine: Engine) -> Shape {
    let claim = match engine {
        Engine::Sqlite => 1_000,
        Engine::Postgres => 300,
    };
    Shape { claim, workers: 1 }
}

/// All cases of one database.
pub(crate) fn cases(engine: Engine, quick: bool) -> Vec<Case> {
    let deep = deep(quick);
    let contestant = |queued, future, running| Depth {
        queued,
        future,
        running,
    };
    let baseline = "20 k queued";
    let title = "the first 20 k jobs";
    vec![
        Case::new(engine, "W5", title, baseline)
            .with(baseline, None, contestant(DRAINED, 0, 0))
            .with(
                format!("{} k queued", deep / 1000),
                Some(Target::ratio(0.9)),
                contestant(deep, 0, 0),
            )
            .with(
                format!("{} k future ones of higher priority in front", deep / 1000),
                Some(Target::ratio(0.85)),
                contestant(DRAINED, deep, 0),
            )
            .with(
                "10 k running",
                Some(Target::ratio(0.85)),
                contestant(DRAINED, 0, RUNNING),
            ),
    ]
}

/// The store with so much in the queue.
#[derive(Debug)]
struct Depth {
    queued: u64,
    future: u64,
    running: u64,
}

#[async_trait]
impl Contestant for Depth {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let store = backend::open(place).await?;
        let shape = shape(place.engine);
        warm_up(&store, shape).await?;
        hold(&store, self.running).await?;
        if self.future > 0 {
            load::fill(&store, &load::future_job()?, self.future).await?;
        }
        load::fill(&store, &load::job()?, self.queued).await?;
        checkpoint(place).await?;
        let took = drain(&store, DRAINED, shape).await?;
        drop(store);
        Census {
            ready: i64::try_from(self.queued + self.future - DRAINED)?,
            running: i64::try_from(self.running)?,
            succeeded: i64::try_from(DRAINED + WARM)?,
        }
        .expect(place)
        .await?;
        Ok(Sample::new(DRAINED, took))
    }
}

/// Leaves jobs under leases that outlast the run.
pub(crate) async fn hold(store: &Arc<dyn Store>, jobs: u64) -> Result<()> {
    if jobs == 0 {
        return Ok(());
    }
    load::fill(store, &load::job()?, jobs).await?;
    let request = ClaimRequest::new(
        WorkerName::new("bench.holder")?,
        vec![load::queue()?],
        u32::try_from(jobs)?,
    )?
    .lease_for(Duration::from_secs(24 * 3600))?;
    let held = store.claim(request).await?.len() as u64;
    ensure!(held == jobs, "{held} of {jobs} jobs were claimed");
    Ok(())
}
