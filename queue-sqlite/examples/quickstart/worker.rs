//! A worker process: works, and writes its effects and the finished jobs in one transaction.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use queue_core::{Context, Done, JobError, Queue, Worker};
use queue_sqlite::SqliteStore;
use rusqlite::Connection;

use crate::greet::Greet;
use crate::{AT_ONCE, ledger};

/// What makes this program a worker.
pub(crate) const FLAG: &str = "--worker";

/// What the handlers share.
struct Desk {
    store: SqliteStore,
    ledger: Mutex<Connection>,
    name: String,
}

/// Works until its standard input is closed.
pub(crate) async fn work(path: &Path, name: &str) -> Result<()> {
    let store = SqliteStore::open(path).await?;
    let desk = Desk {
        store: store.clone(),
        ledger: Mutex::new(ledger::connect(path)?),
        name: name.to_owned(),
    };
    let closed =
        tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    Worker::builder_with(Queue::new(store), desk)
        .handle(greet)
        .concurrency(AT_ONCE)
        // For the show: so that it can be seen when both hold some.
        .most_ahead(0)
        .sweep_every(Some(Duration::from_millis(200)))
        .run(async { drop(closed.await) })
        .await?;
    Ok(())
}

/// Effect and completion commit together, or not at all: that is why each effect happens once,
/// although a job may have been started twice.
async fn greet(job: Greet, context: Context<Desk>) -> Result<Done, JobError> {
    // The work itself. A process that is killed here has done something and finished nothing.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let desk = context.state();
    // SQLite blocks the thread while it waits for its turn: the runtime has to know.
    tokio::task::block_in_place(|| {
        let mut connection = desk.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = ledger::begin(&mut connection)?;
        ledger::write(&transaction, context.id(), &job, &desk.name)?;
        let done = desk
            .store
            .complete_in(&transaction, &context, Done::new())?;
        transaction.commit()?;
        Ok(done)
    })
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
