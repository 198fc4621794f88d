//! Works off 10,000 jobs in two worker processes, kills one of them on the way, and shows that every
//! job was finished exactly once.
//!
//! `cargo run --release --example quickstart`

mod greet;
mod ledger;
mod producer;
mod report;
mod worker;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use queue_core::{JobStore, Queue, QueueStats};
use queue_sqlite::SqliteStore;

use crate::worker::WorkerProcess;

/// How many jobs there are, and how many tasks enqueue them.
const JOBS: usize = 10_000;
const PRODUCERS: usize = 8;

/// How many jobs a worker has in its hands.
const AT_ONCE: usize = 50;

fn main() -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    // This program is also its own worker process: it starts itself with these arguments.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => runtime.block_on(show()),
        [flag, path, name] if flag == worker::FLAG => {
            runtime.block_on(worker::work(Path::new(path), name))
        }
        _ => bail!(
            "the quickstart takes no arguments: it makes a database of its own, and removes it"
        ),
    }
}

async fn show() -> Result<()> {
    let dir =
        tempfile::tempdir().context("cannot make a directory for the database; set TMPDIR")?;
    let path = dir.path().join("quickstart.db");
    let store = SqliteStore::open(&path).await?;
    ledger::create(&path)?;
    println!("One SQLite file, every commit on disk before it is answered.\n");

    let progress = bar("enqueue", JOBS);
    let started = Instant::now();
    producer::produce(&Queue::new(store.clone()), &progress).await?;
    let enqueueing = started.elapsed();
    progress.finish();

    let started = Instant::now();
    let victim = work_off(&store, &path).await?;
    let working = started.elapsed();

    report::print(&store, &path, victim, enqueueing, working).await
}

/// Two workers; the first is killed when a good third is done. Returns what it had finished by then.
async fn work_off(store: &SqliteStore, path: &Path) -> Result<usize> {
    let mut victim = WorkerProcess::start(path, "worker-1")?;
    let mut survivor = WorkerProcess::start(path, "worker-2")?;
    let progress = bar("work", JOBS);
    let mut killed = None;
    loop {
        let (ready, running) = waiting_and_running(store).await?;
        let left = ready + running;
        let done = JOBS.saturating_sub(left);
        progress.set_position(done as u64);
        // More than one worker can hold: this one is killed with work in its hands.
        if killed.is_none() && done > JOBS / 3 && running > AT_ONCE {
            victim.kill()?;
            killed = Some(ledger::finished_by(path, "worker-1")?);
            // Also where there is no terminal, and no bar.
            progress.suspend(|| println!("  killed worker-1 (SIGKILL, process {})", victim.id()));
        }
        if left == 0 {
            break;
        }
        ensure!(survivor.is_running()?, "worker-2 ended by itself");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    progress.finish();
    survivor.stop()?;
    killed.context("the work was done before a worker could be killed")
}

/// How many jobs wait for a worker, and how many are with one.
async fn waiting_and_running(store: &SqliteStore) -> Result<(usize, usize)> {
    let stats = store.stats().await?;
    let sum = |count: fn(&QueueStats) -> u32| stats.queues.iter().map(count).sum::<u32>() as usize;
    Ok((
        sum(|queue| queue.ready.counted),
        sum(|queue| queue.running.counted),
    ))
}

fn bar(what: &'static str, length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:>8} {bar:40} {pos:>6}/{len} {elapsed:>4}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64)
        .with_style(style)
        .with_prefix(what)
}
