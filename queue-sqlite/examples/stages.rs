//! A job in three stages. Its process is killed in the second; the next one goes on there.
//!
//! `cargo run --example stages`

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use queue_core::{Context, Done, Job, JobError, JobState, JobStore, Queue, Worker};
use queue_sqlite::SqliteStore;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Summarize {
    url: String,
}

impl Job for Summarize {
    const KIND: &'static str = "summarize";
    // Short, so that the wait for the killed process's lease is.
    const LEASE: Duration = Duration::from_secs(1);
}

async fn summarize(job: Summarize, ctx: Context) -> Result<Done, JobError> {
    println!("attempt of fence {}", ctx.fence());
    let text: String = ctx.stage("fetch", || fetch(&job.url)).await?;
    let summary: String = ctx.stage("think", || think(&text)).await?;
    let sent: usize = ctx.stage("send", || send(&summary)).await?;
    Ok(Done::new().result(&sent)?)
}

async fn fetch(url: &str) -> Result<String, JobError> {
    println!("  fetch: runs");
    Ok(format!("all that is at {url}"))
}

async fn think(text: &str) -> Result<String, JobError> {
    println!("  think: runs");
    // In the first process for too long: it is killed meanwhile.
    if std::env::args().any(|argument| argument == "--slowly") {
        tokio::time::sleep(Duration::from_secs(3600)).await;
    }
    Ok(text.chars().take(12).collect())
}

async fn send(summary: &str) -> Result<usize, JobError> {
    println!("  send: runs");
    Ok(summary.len())
}

#[tokio::main]
async fn main() -> Result<()> {
    if let Some(path) = std::env::args().nth(1) {
        let queue = Queue::new(SqliteStore::open(path).await?);
        let worker = Worker::builder(queue).handle(summarize);
        let sweeping = worker.sweep_every(Some(Duration::from_millis(200)));
        // Until it is killed.
        sweeping.run(std::future::pending()).await?;
        return Ok(());
    }
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("stages.db");
    let store = SqliteStore::open(&path).await?;
    let url = "https://example.org".to_owned();
    let job = Queue::new(store.clone())
        .enqueue(Summarize { url })
        .await?
        .job();

    let mut first = worker(&path, &["--slowly"])?;
    read_until(&mut first, "think: runs")?;
    first.kill()?;
    first.wait()?;
    println!("killed; the lease has to end first");

    let mut second = worker(&path, &[])?;
    let told = read_until(&mut second, "send: runs")?;
    ensure!(!told.contains("fetch"), "what was fetched was stored");
    while store.job(job).await?.map(|job| job.state) != Some(JobState::Succeeded) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    second.kill()?;
    second.wait()?;
    println!("done: `fetch` ran once, `think` twice, `send` once");
    Ok(())
}

/// This program once more, as a worker.
fn worker(path: &Path, arguments: &[&str]) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(path).args(arguments).stdout(Stdio::piped());
    command.spawn().context("cannot start a worker process")
}

/// Shows what it tells up to some words.
fn read_until(worker: &mut Child, words: &str) -> Result<String> {
    let output = worker.stdout.take().context("it tells nothing")?;
    let mut told = String::new();
    for line in BufReader::new(output).lines() {
        let line = line?;
        println!("{line}");
        told.push_str(&line);
        if line.contains(words) {
            return Ok(told);
        }
    }
    anyhow::bail!("it ended before `{words}`")
}
