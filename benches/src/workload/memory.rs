//! How much memory a worker's process needs at its peak, with a deep queue in front of it: a process
//! of its own, so that what filled the queue is not counted.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use async_trait::async_trait;
use clap::Args;
use serde::{Deserialize, Serialize};

use crate::backend;
use crate::case::{Case, OURS};
use crate::census::{Census, checkpoint};
use crate::contestant::Contestant;
use crate::plan;
use crate::record::{Plan, Sample};
use crate::target::Target;
use crate::venue::{Engine, Place, Venue};
use crate::workload::pipeline::{Shape, drain};
use crate::workload::{depth, load};

/// All cases of one database.
pub(crate) fn cases(engine: Engine, quick: bool) -> Vec<Case> {
    let queued = depth::deep(quick);
    let title = format!("{} k queued", queued / 1000);
    vec![Case::new(engine, "memory", title, OURS).with(
        OURS,
        Some(Target::peak_mib(64.0)),
        Memory {
            queued,
            drained: queued / 10,
        },
    )]
}

/// How the database looks for jobs when the queue is deep: always as deep as in a full run.
pub(crate) async fn plans(venue: &Venue, engine: Engine) -> Result<Vec<Plan>> {
    let queued = depth::deep(false);
    let place = venue.place(engine)?;
    fill(&place, queued).await?;
    plan::take(&place, queued).await
}

async fn fill(place: &Place, queued: u64) -> Result<()> {
    let store = backend::open(place).await?;
    load::fill(&store, &load::job()?, queued).await?;
    drop(store);
    checkpoint(place).await
}

/// The store in a process of its own.
#[derive(Debug)]
struct Memory {
    queued: u64,
    drained: u64,
}

/// What that process is asked for.
#[derive(Debug, Clone, Args)]
pub(crate) struct Errand {
    #[arg(long)]
    url: String,
    #[arg(long)]
    jobs: u64,
    #[arg(long)]
    claim: u32,
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
struct Report {
    seconds: f64,
    peak_mib: f64,
}

#[async_trait]
impl Contestant for Memory {
    async fn run(&self, place: &Place) -> Result<Sample> {
        fill(place, self.queued).await?;
        let mut child = Command::new(std::env::current_exe()?);
        child
            .args(["drain-alone", "--url", &backend::url(place, None)])
            .args(["--jobs", &self.drained.to_string()])
            .args(["--claim", &depth::shape(place.engine).claim.to_string()])
            .stderr(Stdio::inherit());
        let child = tokio::task::spawn_blocking(move || child.output())
            .await?
            .context("starting a process of its own")?;
        ensure!(child.status.success(), "it ended with {}", child.status);
        let report: Report = serde_json::from_slice(&child.stdout).context("its answer")?;
        Census {
            ready: i64::try_from(self.queued - self.drained)?,
            running: 0,
            succeeded: i64::try_from(self.drained)?,
        }
        .expect(place)
        .await?;
        Ok(Sample {
            jobs: self.drained,
            seconds: report.seconds,
            latency: None,
            peak_mib: Some(report.peak_mib),
            cpu_percent: None,
            calls: None,
            minutes: Vec::new(),
        })
    }
}

/// The process of its own.
pub(crate) async fn drain_alone(errand: Errand) -> Result<()> {
    let store = backend::open_url(&errand.url).await?;
    let shape = Shape {
        claim: errand.claim,
        workers: 1,
    };
    let took = drain(&store, errand.jobs, shape).await?;
    drop(store);
    let report = Report {
        seconds: took.as_secs_f64(),
        peak_mib: peak_mib()?,
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

/// The most memory this process ever had resident.
fn peak_mib() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status").context("asking for the memory")?;
    let kib: f64 = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next())
        .context("the system does not say how much memory is used")?
        .parse()?;
    Ok(kib / 1024.0)
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_process_has_some_memory() {
        assert!(super::peak_mib().unwrap() > 1.0);
    }
}
