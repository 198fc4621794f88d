//! W1: one job per call and transaction, from many producers at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use async_trait::async_trait;
use futures::future::try_join_all;
use queue_core::{EnqueueBatch, Store};

use crate::backend;
use crate::case::{Case, OURS};
use crate::ceiling::sqlite::Durability::{Full, Normal};
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
    match engine {
        Engine::Sqlite => sqlite_cases(quick),
        Engine::Postgres => postgres_cases(quick),
    }
}

fn sqlite_cases(quick: bool) -> Vec<Case> {
    let scale = if quick { 1 } else { 5 };
    let full = |producers, jobs: u64, target| {
        let ours = Producers::new(producers, jobs * scale);
        let case = Case::new(Engine::Sqlite, "W1", title(producers), RAW);
        case.with(OURS, target, ours)
            .with(RAW, None, sqlite::Insert::singly(Full, 4_000 * scale))
    };
    let normal = |producers, jobs: u64| {
        let ours = Producers::new(producers, jobs * scale).with("synchronous=normal");
        let title = format!("{}, synchronous=NORMAL", title(producers));
        let case = Case::new(Engine::Sqlite, "W1", title, RAW);
        case.with(OURS, None, ours)
            .with(RAW, None, sqlite::Insert::singly(Normal, 20_000 * scale))
    };
    let many = Target {
        ratio: Some(14.0),
        rate: Some(90_000.0),
        p99_ms: Some(5.0),
        ..Target::default()
    };
    let grouped = sqlite::Insert {
        durability: Full,
        per_transaction: 64,
        jobs: 50_000 * scale,
    };
    vec![
        full(1, 4_000, Some(Target::ratio(0.8))),
        full(8, 20_000, None),
        full(64, 50_000, Some(many)).with("raw insert, 64 per transaction", None, grouped),
        normal(1, 20_000),
        normal(4, 40_000),
        normal(64, 50_000),
    ]
}

fn postgres_cases(quick: bool) -> Vec<Case> {
    let scale = if quick { 1 } else { 5 };
    let ours = |producers, jobs: u64| Producers::new(producers, jobs * scale);
    let raw = |producers, jobs: u64| postgres::Insert {
        producers,
        jobs: jobs * scale,
    };
    let case = |producers, jobs, target| {
        Case::new(Engine::Postgres, "W1", title(producers), RAW)
            .with(OURS, target, ours(producers, jobs))
            .with(RAW, None, raw(producers, jobs))
    };
    let target = Some(Target::ratio(0.85));
    vec![
        case(1, 4_000, target),
        case(4, 8_000, None),
        case(24, 16_000, target),
    ]
}

fn title(producers: usize) -> String {
    let plural = if producers == 1 { "" } else { "s" };
    format!("{producers} producer{plural}")
}

/// The store with so many producers.
#[derive(Debug)]
struct Producers {
    parameter: Option<&'static str>,
    producers: usize,
    jobs: u64,
}

impl Producers {
    fn new(producers: usize, jobs: u64) -> Self {
        Self {
            parameter: None,
            producers,
            jobs,
        }
    }

    fn with(mut self, parameter: &'static str) -> Self {
        self.parameter = Some(parameter);
        self
    }
}

#[async_trait]
impl Contestant for Producers {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let store = backend::open_with(place, self.parameter).await?;
        // Connections and statements are made before: a service pays for them once.
        let warm = self.producers as u64 * 10;
        produce(&store, self.producers, warm).await?;
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
