//! One turn: jobs come evenly, a worker takes and finishes them, and each minute is looked at by itself.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use queue_core::{
    ClaimRequest, Completion, SettleBatch, Settlement, Store, Transition, WorkerName,
};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::backend;
use crate::census::{Census, checkpoint};
use crate::contestant::Contestant;
use crate::record::{Latency, Sample};
use crate::venue::Place;
use crate::workload::load;
use crate::workload::pipeline::{Shape, WARM, warm_up};

use super::RATE;
use super::holder::Holder;
use super::minute::Minute;
use super::swell::Swell;

/// They share the rate.
const PRODUCERS: u32 = 15;
/// The most in one claim: enough to catch up after a pause of the machine.
const CLAIM: u32 = 300;
/// Before a claim that found nothing is tried again.
const LULL: Duration = Duration::from_millis(2);
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Turn {
    pub(super) lasts: Duration,
    /// Another session keeps its snapshot all the while.
    pub(super) is_held: bool,
}

#[async_trait]
impl Contestant for Turn {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let store = backend::open(place).await?;
        let shape = Shape {
            claim: CLAIM,
            workers: 1,
        };
        warm_up(&store, shape).await?;
        checkpoint(place).await?;
        let holder = match self.is_held {
            true => Some(Holder::look(place).await?),
            false => None,
        };
        let begun = Instant::now();
        let end = begun + self.lasts;
        let mut producers = JoinSet::new();
        for _ in 0..PRODUCERS {
            producers.spawn(produce(Arc::clone(&store), begun, end));
        }
        let mut worker = Worker::new(Arc::clone(&store))?;
        let mut minutes = Vec::new();
        while begun + MINUTE * u32::try_from(minutes.len())? < end {
            let until = begun + MINUTE * (u32::try_from(minutes.len())? + 1);
            worker.work(until).await?;
            let swell = Swell::of(place).await?;
            let minute = worker.minute(swell);
            say(self.is_held, minutes.len() + 1, &minute);
            minutes.push(minute);
        }
        let (finished, took) = (worker.finished, begun.elapsed());
        let mut enqueued = 0;
        while let Some(one) = producers.join_next().await {
            enqueued += one??;
        }
        worker.finish(enqueued).await?;
        drop((holder, worker, store));
        Census {
            ready: 0,
            running: 0,
            succeeded: i64::try_from(enqueued + WARM)?,
        }
        .expect(place)
        .await?;
        Ok(Sample {
            minutes,
            ..Sample::new(finished, took)
        })
    }
}

fn say(is_held: bool, number: usize, minute: &Minute) {
    let held = if is_held { ", a snapshot is held" } else { "" };
    eprintln!(
        "minute {number}{held}: {} jobs, p99 {:.2} ms, {} dead rows, {:.0} MiB",
        minute.jobs,
        minute.latency.map_or(f64::NAN, |latency| latency.p99_ms),
        minute.dead_rows.unwrap_or_default(),
        minute.mib
    );
}

/// One job after the other, each when its time has come or as soon as may be after it; how many there were.
async fn produce(store: Arc<dyn Store>, begun: Instant, end: Instant) -> Result<u64> {
    let job = load::job()?;
    let mut ticks = interval(Duration::from_secs(1) * PRODUCERS / RATE);
    // What the store holds up comes later, and none of it is left out.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut enqueued = 0;
    while ticks.tick().await.max(begun) < end {
        load::fill(&store, &job, 1).await?;
        enqueued += 1;
    }
    Ok(enqueued)
}

/// Claims, and finishes what it got before it claims again.
struct Worker {
    store: Arc<dyn Store>,
    name: WorkerName,
    finished: u64,
    /// Of this minute.
    before: u64,
    claims: Vec<u64>,
}

impl Worker {
    fn new(store: Arc<dyn Store>) -> Result<Self> {
        Ok(Self {
            store,
            name: WorkerName::new("bench.steady")?,
            finished: 0,
            before: 0,
            claims: Vec::new(),
        })
    }

    async fn work(&mut self, until: Instant) -> Result<()> {
        while Instant::now() < until {
            if self.cycle().await? == 0 {
                tokio::time::sleep(LULL).await;
            }
        }
        Ok(())
    }

    /// What is left of so many, when nothing comes any more.
    async fn finish(&mut self, all: u64) -> Result<()> {
        while self.finished < all {
            let got = self.cycle().await?;
            anyhow::ensure!(got > 0, "{} of {all} jobs were found", self.finished);
        }
        Ok(())
    }

    /// How many jobs there were.
    async fn cycle(&mut self) -> Result<u64> {
        let request = ClaimRequest::new(self.name.clone(), vec![load::queue()?], CLAIM)?;
        let begun = Instant::now();
        let claimed = self.store.claim(request).await.context("claiming")?;
        let took = begun.elapsed();
        if claimed.is_empty() {
            return Ok(0);
        }
        self.claims.push(u64::try_from(took.as_micros())?);
        let settlements: Vec<Settlement> = claimed
            .iter()
            .map(|job| Settlement {
                lease: job.lease,
                transition: Transition::Finish(Completion::default()),
            })
            .collect();
        let jobs = settlements.len() as u64;
        self.store
            .settle(SettleBatch::new(settlements)?)
            .await
            .context("settling")?;
        self.finished += jobs;
        Ok(jobs)
    }

    /// Ends a minute.
    fn minute(&mut self, swell: Swell) -> Minute {
        let jobs = self.finished - self.before;
        self.before = self.finished;
        Minute {
            jobs,
            latency: Latency::of(std::mem::take(&mut self.claims)),
            dead_rows: swell.dead_rows,
            mib: swell.mib,
        }
    }
}
