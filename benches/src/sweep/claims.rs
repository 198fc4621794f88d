//! How long claims take while very many expired leases are swept.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use async_trait::async_trait;
use queue_core::{
    ClaimRequest, Completion, Escalations, SetAside, SettleBatch, Store, Transition, WorkerName,
};

use crate::backend;
use crate::case::Case;
use crate::census::{Census, checkpoint};
use crate::contestant::Contestant;
use crate::record::{Latency, Sample};
use crate::target::Target;
use crate::venue::{Engine, Place};
use crate::workload::load;

/// As the daemon has it by default.
const PAGE: u32 = 500;
/// Claimed at once by those that then crash.
const HELD: u64 = 10_000;
/// As many claims at least, or 99 of 100 say nothing.
const CLAIMS: usize = 2_000;
const ASIDE: Duration = Duration::from_secs(600);

/// The case of one database.
pub(super) fn case(engine: Engine, quick: bool) -> Case {
    let leases = if quick { 20_000 } else { 100_000 };
    let baseline = "nobody sweeps";
    Case::new(engine, "claims", "one at a time", baseline)
        .with(
            baseline,
            None,
            Claims {
                leases,
                swept: false,
            },
        )
        .with(
            format!("{} k leases are swept meanwhile", leases / 1000),
            Some(Target::p99_ms(50.0)),
            Claims {
                leases,
                swept: true,
            },
        )
}

/// A worker that claims and finishes one job after the other.
#[derive(Debug)]
struct Claims {
    leases: u64,
    /// The leases have run out, and another process puts their jobs back; else they last.
    swept: bool,
}

#[async_trait]
impl Contestant for Claims {
    async fn run(&self, place: &Place) -> Result<Sample> {
        let store = backend::open(place).await?;
        let lease = Duration::from_secs(if self.swept { 1 } else { 24 * 3600 });
        for _ in 0..self.leases / HELD {
            load::fill(&store, &load::job()?, HELD).await?;
            hold(&store, lease).await?;
        }
        // Enough that it need not wait for what is put back.
        load::fill(&store, &load::job()?, self.leases).await?;
        checkpoint(place).await?;
        if self.swept {
            tokio::time::sleep(lease).await;
        }
        let sweeping = if self.swept {
            let another = backend::open(place).await?;
            Some(tokio::spawn(sweep(another)))
        } else {
            None
        };
        let is_over = || {
            sweeping
                .as_ref()
                .is_none_or(tokio::task::JoinHandle::is_finished)
        };
        let mut micros = Vec::new();
        let begun = Instant::now();
        while micros.len() < CLAIMS || !is_over() {
            micros.push(claim_one(&store).await?);
            ensure!(
                (micros.len() as u64) < self.leases,
                "no sweep comes to an end"
            );
        }
        let took = begun.elapsed();
        if let Some(sweeping) = sweeping {
            let swept = sweeping.await??;
            ensure!(
                swept == self.leases,
                "{swept} of {} were swept",
                self.leases
            );
        }
        drop(store);
        let claims = micros.len() as u64;
        let (back, running) = match self.swept {
            true => (self.leases, 0),
            false => (0, self.leases),
        };
        Census {
            ready: i64::try_from(self.leases + back - claims)?,
            running: i64::try_from(running)?,
            succeeded: i64::try_from(claims)?,
        }
        .expect(place)
        .await?;
        Ok(Sample {
            latency: Latency::of(micros),
            ..Sample::new(claims, took)
        })
    }
}

/// How long one claim took, in microseconds. That the job is then finished is not counted.
async fn claim_one(store: &Arc<dyn Store>) -> Result<u64> {
    let request = request("bench.worker", 1)?;
    let begun = Instant::now();
    let claimed = store.claim(request).await?;
    let took = begun.elapsed();
    let [job] = claimed.as_slice() else {
        anyhow::bail!("{} jobs were claimed, not one", claimed.len());
    };
    let done = SettleBatch::one(job.lease, Transition::Finish(Completion::default()))?;
    store.settle(done).await?;
    Ok(u64::try_from(took.as_micros())?)
}

async fn hold(store: &Arc<dyn Store>, lease: Duration) -> Result<()> {
    let request = request("bench.crashed", u32::try_from(HELD)?)?.lease_for(lease)?;
    let held = store.claim(request).await?.len() as u64;
    ensure!(held == HELD, "{held} of {HELD} jobs were claimed");
    Ok(())
}

fn request(worker: &str, limit: u32) -> Result<ClaimRequest> {
    let worker = WorkerName::new(worker)?;
    Ok(ClaimRequest::new(worker, vec![load::queue()?], limit)?)
}

/// Page after page, as the daemon's loop does it; how many were put back.
async fn sweep(store: Arc<dyn Store>) -> Result<u64> {
    let mut aside = SetAside::new(ASIDE);
    let mut swept = 0;
    loop {
        let page = aside.sweep(&*store, PAGE, &Escalations::default()).await?;
        swept += page.requeued as u64;
        if !page.leaves_more(PAGE) {
            return Ok(swept);
        }
    }
}
