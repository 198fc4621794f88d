//! W2: 50,000 jobs by the fastest call that returns their ids.

use std::time::Instant;

use anyhow::Result;
use async_trait::async_trait;
use queue_core::EnqueueBatch;

use crate::backend;
use crate::case::Case;
use crate::ceiling::{postgres, sqlite};
use crate::census::{Census, checkpoint};
use crate::contestant::Contestant;
use crate::record::Sample;
use crate::target::Target;
use crate::venue::{Engine, Place};
use crate::workload::load;

const JOBS: u64 = 50_000;

/// All cases of one database.
pub(crate) fn cases(engine: Engine) -> Vec<Case> {
    let (baseline, target) = match engine {
        Engine::Sqlite => ("raw insert, 1,000 per transaction", Target::ratio(0.4)),
        Engine::Postgres => ("COPY", Target::ratio(0.5)),
    };
    let case = Case::new(engine, "W2", "50,000 jobs", baseline)
        .with(
            "Leasehold, 10,000 per call",
            Some(target),
            Bulk { size: 10_000 },
        )
        .with("Leasehold, 1,000 per call", None, Bulk { size: 1_000 });
    vec![match engine {
        Engine::Sqlite => {
            let raw = |per_transaction| sqlite::Insert {
                durability: sqlite::Durability::Full,
                per_transaction,
                jobs: JOBS,
            };
            case.with(baseline, None, raw(1_000)).with(
                "raw insert, 10,000 per transaction",
                None,
                raw(10_000),
            )
        }
        Engine::Postgres => case
            .with(baseline, None, postgres::Copy { jobs: JOBS })
            .with(
                "raw insert, 1,000 per transaction",
                None,
                postgres::BulkInsert {
                    jobs: JOBS,
                    per_transaction: 1_000,
                },
            ),
    }]
}

/// The store with batches of a size.
#[derive(Debug)]
struct Bulk {
    size: usize,
}

#[async_trait]
impl Contestant for Bulk {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let store = backend::open(place).await?;
        let job = load::job()?;
        store.enqueue(EnqueueBatch::one(job.clone())).await?;
        let batches = load::batches(&job, usize::try_from(JOBS)?, self.size)?;
        checkpoint(place).await?;

        let mut answers = Vec::with_capacity(usize::try_from(JOBS)?);
        let started = Instant::now();
        for batch in batches {
            answers.extend(store.enqueue(batch).await?);
        }
        let took = started.elapsed();

        load::all_created(&answers, usize::try_from(JOBS)?)?;
        drop(store);
        Census {
            ready: i64::try_from(JOBS)? + 1,
            running: 0,
            succeeded: 0,
        }
        .expect(place)
        .await?;
        Ok(Sample::new(JOBS, took))
    }
}
