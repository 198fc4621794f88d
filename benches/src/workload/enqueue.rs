//! W1: one job per call and transaction, from many producers at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use async_trait::async_trait;
use futures::future::try_join_all;
use queue_core::{EnqueueBatch, Store};

use crate::backend::{self, Durability};
use crate::case::{Case, OURS};
use crate::ceiling::{postgres, sqlite};
use crate::census::{Census, checkpoint};
use crate::contestant::Contestant;
use crate::record::{Latency, Sample};
use crate::target::Target;
use crate::venue::{Engine, Place};
use crate::workload::load;

const RAW: &str = "raw insert";

/// All cases of one database.
pub(crate) fn cases(engine: Engine, quick: bool) -> Vec<Case> {
    let scale = if quick { 1 } else { 5 };
    let case = |producers: usize, jobs: u64, durability: Durability, target: Option<Target>| {
        let plural = if producers == 1 { "" } else { "s" };
        let mut title = format!("{producers} producer{plural}");
        if durability == Durability::Normal {
            title.push_str(", synchronous=NORMAL");
        }
        Case::new(engine, "W1", title, RAW).with(
            OURS,
            target,
            Producers {
                durability,
                producers,
                jobs: jobs * scale,
            },
        )
    };
    match engine {
        Engine::Sqlite => {
            let raw = |jobs: u64, per_transaction, durability| sqlite::Insert {
                durability,
                per_transaction,
                jobs: jobs * scale,
            };
            let full = Durability::Full;
            let normal = Durability::Normal;
            let many = Target {
                ratio: Some(14.0),
                rate: Some(90_000.0),
                p99_ms: Some(5.0),
                peak_mib: None,
            };
            vec![
                case(1, 2_000, full, Some(Target::ratio(0.8))).with(RAW, None, raw(2_000, 1, full)),
                case(8, 10_000, full, None).with(RAW, None, raw(2_000, 1, full)),
                case(64, 50_000, full, Some(many))
                    .with(RAW, None, raw(2_000, 1, full))
                    .with(
                        "raw insert, 64 per transaction",
                        None,
                        raw(50_000, 64, full),
                    ),
                case(1, 20_000, normal, None).with(RAW, None, raw(20_000, 1, normal)),
                case(4, 20_000, normal, None).with(RAW, None, raw(20_000, 1, normal)),
                case(64, 50_000, normal, None).with(RAW, None, raw(20_000, 1, normal)),
            ]
        }
        Engine::Postgres => [(1, 2_000), (4, 4_000), (24, 8_000)]
            .map(|(producers, jobs)| {
                let target = (producers != 4).then(|| Target::ratio(0.85));
                case(producers, jobs, Durability::Full, target).with(
                    RAW,
                    None,
                    postgres::Insert {
                        producers,
                        jobs: jobs * scale,
                    },
                )
            })
            .into(),
    }
}

/// The store with so many producers.
#[derive(Debug)]
struct Producers {
    durability: Durability,
    producers: usize,
    jobs: u64,
}

#[async_trait]
impl Contestant for Producers {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let store = backend::open(place, self.durability).await?;
        // Connections and statements are made before: a service pays for them once.
        produce(&store, self.producers, self.producers as u64 * 10).await?;
        let warm = self.producers as u64 * 10;
        checkpoint(place).await?;
        let (took, micros) = produce(&store, self.producers, self.jobs).await?;
        drop(store);
        let each = self.jobs / self.producers as u64;
        let stored = each * self.producers as u64;
        Census {
            ready: i64::try_from(stored + warm)?,
            running: 0,
            succeeded: 0,
        }
        .expect(place)
        .await?;
        Ok(Sample {
            latency: Latency::of(micros),
            ..Sample::new(stored, took)
        })
    }
}

/// Shares the jobs out to producers; says how long all of it and each call took.
async fn produce(
    store: &Arc<dyn Store>,
    producers: usize,
    jobs: u64,
) -> Result<(Duration, Vec<u64>)> {
    let job = load::job()?;
    let each = jobs / producers as u64;
    let started = Instant::now();
    let tasks = (0..producers).map(|_| {
        let (store, job) = (Arc::clone(store), job.clone());
        tokio::spawn(async move {
            let mut micros = Vec::with_capacity(usize::try_from(each)?);
            for _ in 0..each {
                let begun = Instant::now();
                let answer = store.enqueue(EnqueueBatch::one(job.clone())).await?;
                micros.push(u64::try_from(begun.elapsed().as_micros())?);
                ensure!(
                    matches!(answer.as_slice(), [one] if one.created().is_some()),
                    "a job was not stored: {answer:?}"
                );
            }
            anyhow::Ok(micros)
        })
    });
    let ended = try_join_all(tasks).await?;
    let took = started.elapsed();
    let micros: Vec<Vec<u64>> = ended.into_iter().collect::<Result<_>>()?;
    Ok((took, micros.concat()))
}

#[cfg(test)]
mod tests {
    use queue_core::memory::MemoryStore;

    use super::*;

    #[tokio::test]
    async fn every_job_of_every_producer_is_enqueued_and_timed() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let (_, micros) = produce(&store, 8, 80).await.unwrap();
        assert_eq!(micros.len(), 80);
        let queues = store.stats().await.unwrap().queues;
        assert_eq!(queues[0].ready.counted, 80);
    }
}
