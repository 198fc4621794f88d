//! The store on SQLite: a file of its own for each run.

use std::time::Duration;

use anyhow::{Result, ensure};
use queue_core::{
    ClaimRequest, Claimed, Completion, JobStore, Lease, RenewBatch, SettleBatch, Settlement,
    Transition, WorkerName,
};
use queue_sqlite::{SqliteOptions, SqliteStore};

use super::{jobs, queue};

/// Jobs in one call.
pub(super) const MANY: u32 = 100;
/// Enough for the longest run: what is queued beforehand must not depend on how long it is.
const QUEUED: u32 = 20_000;
const LEASE: Duration = Duration::from_secs(3600);

/// So many calls with so many jobs each.
pub(super) fn enqueue(times: u32, many: u32) -> Result<()> {
    on_a_file(async |store| {
        let batch = jobs(many)?;
        for _ in 0..times {
            store.enqueue(batch.clone()).await?;
        }
        Ok(())
    })
}

/// So many times [`MANY`] jobs from claim to end.
pub(super) fn work(times: u32) -> Result<()> {
    on_a_file(async |store| {
        fill(&store).await?;
        for _ in 0..times {
            let settlements = claim(&store).await?.into_iter().map(|job| Settlement {
                lease: job.lease,
                transition: Transition::Finish(Completion::default()),
            });
            let settlements = settlements.collect();
            store.settle(SettleBatch::new(settlements)?).await?;
        }
        Ok(())
    })
}

/// So many times the same [`MANY`] leases.
pub(super) fn renew(times: u32) -> Result<()> {
    on_a_file(async |store| {
        fill(&store).await?;
        let leases: Vec<Lease> = claim(&store).await?.iter().map(|job| job.lease).collect();
        for _ in 0..times {
            let batch = RenewBatch::new(leases.clone(), LEASE)?;
            store.renew(batch).await?;
        }
        Ok(())
    })
}

async fn fill(store: &SqliteStore) -> Result<()> {
    for _ in 0..QUEUED / 1_000 {
        store.enqueue(jobs(1_000)?).await?;
    }
    Ok(())
}

async fn claim(store: &SqliteStore) -> Result<Vec<Claimed>> {
    let worker = WorkerName::new("guard")?;
    let request = ClaimRequest::new(worker, vec![queue()?], MANY)?.lease_for(LEASE)?;
    let claimed = store.claim(request).await?;
    ensure!(claimed.len() == MANY as usize, "the queue ran empty");
    Ok(claimed)
}

fn on_a_file(walk: impl AsyncFnOnce(SqliteStore) -> Result<()>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let options = SqliteOptions::new(folder.path().join("jobs.db"));
            walk(options.migrate_on_open(true).open().await?).await
        })
}
