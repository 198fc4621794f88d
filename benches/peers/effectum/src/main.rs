//! effectum.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use effectum::{Job, JobRunner, Queue as Effectum, RunningJob, Worker};
use peer_protocol::{Errand, Order, Peer, Synchronous, payload};

#[derive(Clone)]
struct Queue {
    effectum: Arc<Effectum>,
    best: bool,
}

async fn no_op(_job: RunningJob, _context: ()) -> Result<(), effectum::Error> {
    peer_protocol::ran();
    Ok(())
}

fn job() -> Result<Job> {
    Ok(Job::builder("no_op").json_payload(&payload())?.build())
}

/// It asks for the pragma `journal`, which there is not; the file remembers what `journal_mode` was.
fn put_in_wal(path: &Path) -> Result<()> {
    let conn = rusqlite::Connection::open(path)?;
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    ensure!(mode == "wal", "the journal is {mode}");
    Ok(())
}

impl Peer for Queue {
    type Worker = Worker;

    async fn open(order: &Order) -> Result<Self> {
        ensure!(
            order.synchronous != Some(Synchronous::Full),
            "effectum sets synchronous=NORMAL and lets nobody change it"
        );
        let path = PathBuf::from(&order.database);
        if order.is_best() && order.errand == Errand::SetUp {
            put_in_wal(&path).context("putting the file in WAL mode")?;
        }
        Ok(Self {
            effectum: Arc::new(Effectum::new(&path).await?),
            best: order.is_best(),
        })
    }

    async fn set_up(&self) -> Result<()> {
        // Opening it made the schema.
        Ok(())
    }

    async fn enqueue(&self) -> Result<()> {
        self.effectum.add_job(job()?).await?;
        Ok(())
    }

    async fn enqueue_many(&self, jobs: usize) -> Result<usize> {
        let jobs = (0..jobs).map(|_| job()).collect::<Result<Vec<_>>>()?;
        Ok(self.effectum.add_jobs(jobs).await?.len())
    }

    async fn start(&self) -> Result<Worker> {
        let runner = JobRunner::builder("no_op", no_op).build();
        let builder = Worker::builder(&self.effectum, ()).jobs([runner]);
        let builder = match self.best {
            true => builder.max_concurrency(1_000).min_concurrency(500),
            false => builder,
        };
        Ok(builder.build().await?)
    }

    async fn stop(&self, worker: Worker) -> Result<()> {
        Ok(worker.unregister(None).await?)
    }
}

fn main() -> ExitCode {
    peer_protocol::run::<Queue>()
}
