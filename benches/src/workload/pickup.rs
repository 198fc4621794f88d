//! W4: from the call that enqueues to the job in a worker's hands, on a queue that is idle.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use queue_core::{
    ClaimRequest, Completion, EnqueueBatch, SettleBatch, Store, Transition, WorkerName,
};
use tokio::sync::mpsc;

use crate::backend;
use crate::case::{Case, OURS};
use crate::ceiling::{postgres, sqlite};
use crate::census::Census;
use crate::contestant::Contestant;
use crate::record::{Latency, Sample};
use crate::target::Target;
use crate::venue::{Engine, Place};
use crate::workload::load;

/// Who hears nothing looks by itself after so long; a wake-up that is lost then shows as this.
const POLL: Duration = Duration::from_secs(1);
/// So many come first and are not measured.
pub(crate) const WARM: usize = 20;

/// All cases of one database.
pub(crate) fn cases(engine: Engine, quick: bool) -> Vec<Case> {
    let jobs = if quick { 100 } else { 500 };
    let case = |baseline: &str| Case::new(engine, "W4", "one job at a time", baseline);
    let ours = |apart| Pickup { apart, jobs };
    let p50 = |ms| Some(Target::p50_ms(ms));
    vec![match engine {
        Engine::Sqlite => {
            let raw = "raw, two commits by one that knows";
            case(raw)
                .with(OURS, p50(0.3), ours(false))
                .with("Leasehold, another process", p50(2.0), ours(true))
                .with(raw, None, sqlite::Handover { jobs })
        }
        Engine::Postgres => {
            let raw = "raw, NOTIFY in the transaction";
            let target = Some(Target::p50_times(1.5));
            case(raw)
                .with(OURS, None, ours(false))
                .with("Leasehold, another process", target, ours(true))
                .with(raw, None, postgres::Notified { jobs })
        }
    }]
}

/// Before the next job: long enough for everyone to fall asleep, and never in step with a timer.
pub(crate) fn lull(n: usize) -> Duration {
    Duration::from_micros(4_000 + (n as u64 * 7_919) % 6_000)
}

/// Times in microseconds, and the time in which they add up.
pub(crate) fn sample(micros: Vec<u64>) -> Sample {
    let took = Duration::from_micros(micros.iter().sum());
    let jobs = micros.len() as u64;
    Sample {
        latency: Latency::of(micros),
        ..Sample::new(jobs, took)
    }
}

/// The store, and a worker that waits on the same one, or on one that knows of this one only by the
/// database.
#[derive(Debug)]
struct Pickup {
    apart: bool,
    jobs: usize,
}

#[async_trait]
impl Contestant for Pickup {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let producer = backend::open(place).await?;
        let consumer = if self.apart {
            backend::open(place).await?
        } else {
            Arc::clone(&producer)
        };
        let (told, mut hands) = mpsc::unbounded_channel();
        let worker = tokio::spawn(async move { work(&consumer, &told).await });
        let mut micros = Vec::with_capacity(self.jobs);
        for n in 0..WARM + self.jobs {
            tokio::time::sleep(lull(n)).await;
            let begun = Instant::now();
            let batch = EnqueueBatch::one(load::job()?);
            // The worker may well be there before the answer is.
            producer.enqueue(batch).await?;
            let picked: Instant = hands.recv().await.context("the worker ended")?;
            if n >= WARM {
                micros.push(u64::try_from(picked.duration_since(begun).as_micros())?);
            }
        }
        tokio::time::sleep(lull(0)).await;
        worker.abort();
        let ended = worker.await;
        ensure!(
            ended
                .as_ref()
                .is_err_and(tokio::task::JoinError::is_cancelled),
            "the worker failed: {ended:?}"
        );
        drop(producer);
        let stored = Census::take(place).await?;
        let all = i64::try_from(WARM + self.jobs)?;
        // The last one may have been interrupted before it was finished.
        ensure!(
            stored.succeeded + stored.running == all && stored.ready == 0,
            "of {all} jobs there are {stored:?}"
        );
        Ok(sample(micros))
    }
}

async fn work(store: &Arc<dyn Store>, told: &mpsc::UnboundedSender<Instant>) -> Result<()> {
    let mut hints = store.wakeups().listen();
    let request = ClaimRequest::new(WorkerName::new("bench.0")?, vec![load::queue()?], 10)?;
    loop {
        let mut claimed = store.claim(request.clone()).await?;
        if claimed.is_empty() {
            tokio::select! {
                biased;
                fresh = store.claim_fresh(request.clone()) => claimed = fresh?,
                // Either will do: the next claim tells.
                () = hints.woken() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
        for job in claimed {
            told.send(Instant::now())?;
            let done = Transition::Finish(Completion::default());
            store.settle(SettleBatch::one(job.lease, done)?).await?;
        }
    }
}
