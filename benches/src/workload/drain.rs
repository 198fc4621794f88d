//! W3: a full queue of no-op jobs is worked off, history kept.

use anyhow::Result;
use async_trait::async_trait;

use crate::backend;
use crate::case::Case;
use crate::ceiling::{Ending, postgres, sqlite};
use crate::census::{Census, checkpoint};
use crate::contestant::Contestant;
use crate::record::Sample;
use crate::target::Target;
use crate::venue::{Engine, Place};
use crate::workload::load;
use crate::workload::pipeline::{Shape, WARM, drain, warm_up};

/// All cases of one database.
pub(crate) fn cases(engine: Engine, quick: bool) -> Vec<Case> {
    let jobs = if quick { 20_000 } else { 100_000 };
    let ours = |claim, workers| Drain {
        jobs,
        shape: Shape { claim, workers },
    };
    let title = format!("{} k jobs", jobs / 1000);
    vec![match engine {
        Engine::Sqlite => {
            let raw = |ending| sqlite::Drain {
                jobs,
                batch: 1_000,
                ending,
            };
            let baseline = "raw, fused by 1,000, updated";
            Case::new(engine, "W3", title, baseline)
                .with(
                    "Leasehold, claims of 1,000",
                    Some(Target::ratio(0.35)),
                    ours(1_000, 1),
                )
                .with("Leasehold, claims of 500", None, ours(500, 1))
                .with(baseline, None, raw(Ending::Update))
                .with("raw, fused by 1,000, deleted", None, raw(Ending::Delete))
                .with(
                    "raw, fused by 1,000, moved to a history",
                    None,
                    raw(Ending::Move),
                )
        }
        Engine::Postgres => {
            let raw = |ending| postgres::Drain {
                jobs,
                batch: 300,
                connections: 2,
                ending,
            };
            let baseline = "raw, 300 at a time on 2 connections, updated";
            Case::new(engine, "W3", title, baseline)
                .with("Leasehold, claims of 300", None, ours(300, 1))
                .with("Leasehold, claims of 300, two workers", None, ours(300, 2))
                .with(baseline, None, raw(Ending::Update))
                .with(
                    "raw, 300 at a time on 2 connections, deleted",
                    None,
                    raw(Ending::Delete),
                )
                .with(
                    "raw, 300 at a time on 2 connections, moved to a history",
                    None,
                    raw(Ending::Move),
                )
        }
    }]
}

/// The store.
#[derive(Debug)]
struct Drain {
    jobs: u64,
    shape: Shape,
}

#[async_trait]
impl Contestant for Drain {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let store = backend::open(place).await?;
        warm_up(&store, self.shape).await?;
        load::fill(&store, &load::job()?, self.jobs).await?;
        checkpoint(place).await?;
        let took = drain(&store, self.jobs, self.shape).await?;
        drop(store);
        Census {
            ready: 0,
            running: 0,
            succeeded: i64::try_from(self.jobs + WARM)?,
        }
        .expect(place)
        .await?;
        Ok(Sample::new(self.jobs, took))
    }
}
