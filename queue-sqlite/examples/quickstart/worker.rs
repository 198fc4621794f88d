//! A worker process: claims, works, and writes its effects and the finished jobs in one transaction.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use queue_core::{
    ClaimRequest, Claimed, Completion, JobStore, Page, SettleBatch, Settled, Settlement,
    Transition, WorkerName, sweep,
};
use queue_sqlite::SqliteStore;
use rusqlite::Connection;

use crate::{AT_ONCE, LEASE, ledger, queue};

/// What makes this program a worker.
pub(crate) const FLAG: &str = "--worker";

/// Works until its standard input is closed.
pub(crate) async fn work(path: &Path, name: &str) -> Result<()> {
    let store = SqliteStore::open(path).await?;
    let mut connection = ledger::connect(path)?;
    let request =
        ClaimRequest::new(WorkerName::new(name)?, vec![queue()?], AT_ONCE)?.lease_for(LEASE)?;
    let stop =
        tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    while !stop.is_finished() {
        // Whoever has time puts back the jobs of workers that died; no daemon is needed for that.
        sweep(&store, Page::first(100)?).await?;
        let claimed = store.claim(request.clone()).await?;
        // The work itself. A process that is killed here has done something and finished nothing.
        tokio::time::sleep(Duration::from_millis(10)).await;
        if !claimed.is_empty() {
            finish(&store, &mut connection, name, &claimed)?;
        }
    }
    Ok(())
}

/// Effects and completion commit together, or not at all: that is why each effect happens once,
/// although a job may have been started twice.
fn finish(
    store: &SqliteStore,
    connection: &mut Connection,
    name: &str,
    claimed: &[Claimed],
) -> Result<()> {
    let settlements = claimed.iter().map(|job| Settlement {
        lease: job.lease,
        transition: Transition::Finish(Completion::default()),
    });
    let batch = SettleBatch::new(settlements.collect())?;
    let transaction = ledger::begin(connection)?;
    for (job, settled) in claimed.iter().zip(store.settle_in(&transaction, &batch)?) {
        match settled {
            Settled::Applied(_) => ledger::write(&transaction, job, name)?,
            // Too late: the job is another's by now, and so is its effect.
            Settled::LeaseLost | Settled::CancelRequested => {}
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Another process that runs [`work`].
pub(crate) struct WorkerProcess(Child);

impl WorkerProcess {
    pub(crate) fn start(path: &Path, name: &str) -> Result<Self> {
        let program = std::env::current_exe()?;
        let child = Command::new(program)
            .arg(FLAG)
            .arg(path)
            .arg(name)
            .stdin(Stdio::piped())
            .spawn();
        Ok(Self(child.context("cannot start a worker process")?))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// SIGKILL: the process gets no chance to tidy up.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }

    pub(crate) fn is_running(&mut self) -> Result<bool> {
        Ok(self.0.try_wait()?.is_none())
    }

    /// Closes its standard input and waits for its end.
    pub(crate) fn stop(mut self) -> Result<()> {
        drop(self.0.stdin.take());
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // If the quickstart itself fails, its workers must not stay behind. Already dead is fine.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
