//! What users run: the worker with handlers that do nothing, W3 to W5.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use async_trait::async_trait;
use queue_core::{
    Context, EnqueueBatch, JobError, Kind, Payload, Queue, Store, Worker, WorkerBuilder,
};
use tokio::sync::{Notify, mpsc};

use crate::backend;
use crate::case::Case;
use crate::ceiling::{Ending, postgres, sqlite};
use crate::census::{Census, checkpoint};
use crate::contestant::Contestant;
use crate::record::Sample;
use crate::target::Target;
use crate::venue::{Engine, Place};
use crate::workload::depth::{self, hold};
use crate::workload::load;
use crate::workload::pickup::{WARM as LULLS, lull, sample};
use crate::workload::pipeline::{WARM, warm_up};

/// So many of a deep queue are drained, and measured.
const FIRST: u64 = 20_000;
const RUNNING: u64 = 10_000;

/// All cases of one database.
pub(crate) fn cases(engine: Engine, quick: bool) -> Vec<Case> {
    vec![
        drain(engine, quick),
        pickup(engine, quick),
        depth(engine, quick),
    ]
}

fn drain(engine: Engine, quick: bool) -> Case {
    let jobs = if quick { 20_000 } else { 100_000 };
    let title = format!("{} k jobs", jobs / 1000);
    let ours = |concurrency| Drain {
        drained: jobs,
        queued: jobs,
        future: 0,
        running: 0,
        concurrency,
    };
    let (baseline, target) = match engine {
        Engine::Sqlite => ("raw, fused by 1,000, updated", Some(Target::ratio(0.35))),
        Engine::Postgres => ("raw, 300 at a time on 2 connections, updated", None),
    };
    let case = Case::new(engine, "W3", title, baseline)
        .with("worker, 16 handlers at a time", target, ours(16))
        .with("worker, 200 handlers at a time", None, ours(200));
    let ending = Ending::Update;
    match engine {
        Engine::Sqlite => case.with(
            baseline,
            None,
            sqlite::Drain {
                jobs,
                batch: 1_000,
                ending,
            },
        ),
        Engine::Postgres => case.with(
            baseline,
            None,
            postgres::Drain {
                jobs,
                batch: 300,
                connections: 2,
                ending,
            },
        ),
    }
}

fn pickup(engine: Engine, quick: bool) -> Case {
    let jobs = if quick { 100 } else { 500 };
    let case = |baseline| Case::new(engine, "W4", "one job at a time", baseline);
    let ours = |apart| Pickup { apart, jobs };
    let (here, there) = ("worker", "worker, another process");
    match engine {
        Engine::Sqlite => {
            let raw = "raw, two commits by one that knows";
            case(raw)
                .with(here, Some(Target::p50_ms(0.3)), ours(false))
                .with(there, Some(Target::p50_ms(2.0)), ours(true))
                .with(raw, None, sqlite::Handover { jobs })
        }
        Engine::Postgres => {
            let raw = "raw, NOTIFY in the transaction";
            let target = Some(Target::p50_times(1.5));
            case(raw)
                .with(here, target, ours(false))
                .with(there, target, ours(true))
                .with(raw, None, postgres::Notified { jobs })
        }
    }
}

fn depth(engine: Engine, quick: bool) -> Case {
    let deep = depth::deep(quick);
    let with = |queued, future, running| Drain {
        drained: FIRST,
        queued,
        future,
        running,
        concurrency: 16,
    };
    let (baseline, thousands) = ("20 k queued", deep / 1000);
    let limit = |ratio| Some(Target::ratio(ratio));
    Case::new(engine, "W5", "the first 20 k jobs", baseline)
        .with(baseline, None, with(FIRST, 0, 0))
        .with(
            format!("{thousands} k queued"),
            limit(0.9),
            with(deep, 0, 0),
        )
        .with(
            format!("{thousands} k future ones of higher priority in front"),
            limit(0.85),
            with(FIRST, deep, 0),
        )
        .with("10 k running", limit(0.85), with(FIRST, 0, RUNNING))
}

/// A worker on the benchmark's queue, with a handler that does what it is given.
fn worker<F, R>(store: &Arc<dyn Store>, handler: F) -> Result<WorkerBuilder>
where
    F: Fn(Payload, Context) -> R + Send + Sync + 'static,
    R: Future<Output = Result<(), JobError>> + Send + 'static,
{
    let job = load::job()?;
    let kind = Kind::new(job.kind.as_str())?.queue(job.queue);
    Ok(Worker::builder(Queue::shared(Arc::clone(store))).handle_payload(kind, handler))
}

/// Jobs are queued, and a worker runs the first of them.
#[derive(Debug)]
struct Drain {
    drained: u64,
    queued: u64,
    future: u64,
    running: u64,
    concurrency: usize,
}

#[async_trait]
impl Contestant for Drain {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let store = backend::open(place).await?;
        warm_up(&store, depth::shape(place.engine)).await?;
        hold(&store, self.running).await?;
        if self.future > 0 {
            load::fill(&store, &load::future_job()?, self.future).await?;
        }
        load::fill(&store, &load::job()?, self.queued).await?;
        checkpoint(place).await?;

        let (left, enough) = (AtomicU64::new(self.drained), Arc::new(Notify::new()));
        let last = Arc::clone(&enough);
        let handler = move |_: Payload, _: Context| {
            if left.fetch_sub(1, Ordering::Relaxed) == 1 {
                last.notify_one();
            }
            std::future::ready(Ok(()))
        };
        let begun = Instant::now();
        let report = worker(&store, handler)?
            .concurrency(self.concurrency)
            .run(enough.notified())
            .await?;
        // What was under way when the last one began is settled too.
        let took = begun.elapsed();
        drop(store);
        let done = report.succeeded;
        ensure!(
            done >= self.drained && report.attempts() == done + report.put_back,
            "{report:?} after {} jobs",
            self.drained
        );
        Census {
            ready: i64::try_from(self.queued + self.future - done)?,
            running: i64::try_from(self.running)?,
            succeeded: i64::try_from(done + WARM)?,
        }
        .expect(place)
        .await?;
        Ok(Sample::new(done, took))
    }
}

/// A worker waits, and jobs come one by one: into its own store, or into one that it knows only by
/// the database.
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
        let (told, mut begun) = mpsc::unbounded_channel();
        let handler = move |_: Payload, _: Context| {
            let told = told.send(Instant::now());
            std::future::ready(told.map_err(|_| JobError::permanent("GONE", "nobody listens")))
        };
        let worker = worker(&consumer, handler)?.build()?;
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let running = tokio::spawn(async move { worker.run(stopped.notified()).await });
        let mut micros = Vec::with_capacity(self.jobs);
        for n in 0..LULLS + self.jobs {
            tokio::time::sleep(lull(n)).await;
            let asked = Instant::now();
            producer.enqueue(EnqueueBatch::one(load::job()?)).await?;
            let started: Instant = begun.recv().await.context("the worker ended")?;
            if n >= LULLS {
                micros.push(u64::try_from(started.duration_since(asked).as_micros())?);
            }
        }
        stop.notify_one();
        let report = running.await??;
        let all = (LULLS + self.jobs) as u64;
        ensure!(report.succeeded == all, "{report:?} after {all} jobs");
        drop((producer, consumer));
        Census {
            ready: 0,
            running: 0,
            succeeded: i64::try_from(all)?,
        }
        .expect(place)
        .await?;
        Ok(sample(micros))
    }
}
