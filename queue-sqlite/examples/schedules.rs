//! Jobs by the clock: two processes have the same schedules, and each tick is one job.
//!
//! `cargo run --example schedules`

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;
use queue_core::{
    Context, IntoJob, Job, JobError, MissedTicks, Queue, SCHEDULED_FOR, Schedule, ScheduleName,
    ScheduleStore, Worker,
};
use queue_sqlite::SqliteStore;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Look;

impl Job for Look {
    const KIND: &'static str = "look";
}

async fn look(_: Look, ctx: Context<&'static str>) -> Result<(), JobError> {
    let tick = ctx.headers().get(SCHEDULED_FOR).unwrap_or("no tick");
    println!("{} looks, for {tick}", ctx.state());
    Ok(())
}

#[derive(Serialize, Deserialize)]
struct CloseTheDay;

impl Job for CloseTheDay {
    const KIND: &'static str = "close_the_day";
    const QUEUE: &'static str = "books";
}

async fn close_the_day(_: CloseTheDay, _: Context<&'static str>) -> Result<(), JobError> {
    Ok(())
}

/// Every process says the same; the store keeps it once.
async fn work(store: SqliteStore, name: &'static str) -> Result<()> {
    // If nobody was there at three, it is done when somebody is.
    let nightly = Schedule::cron(
        ScheduleName::new("nightly")?,
        "0 3 * * *",
        "Europe/Berlin",
        CloseTheDay.into_job()?,
    )?
    .missed(MissedTicks::Once);
    Worker::builder_with(Queue::new(store), name)
        .handle(look)
        .handle(close_the_day)
        .every("look", Duration::from_secs(1), Look)
        .schedule(nightly)
        .run(tokio::time::sleep(Duration::from_secs(4)))
        .await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    if let Some(path) = std::env::args().nth(1) {
        return work(SqliteStore::open(PathBuf::from(path)).await?, "the second").await;
    }
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("schedules.db");
    let store = SqliteStore::open(&path).await?;
    let mut second = Command::new(std::env::current_exe()?)
        .arg(&path)
        .stdin(Stdio::null())
        .spawn()?;
    work(store.clone(), "the first").await?;
    second.wait()?;
    println!("\nand what is stored:");
    for stored in store.schedules().await? {
        let next = stored.next_tick.map(|tick| tick.to_string());
        println!(
            "  {}: {}, next at {}",
            stored.schedule.name(),
            stored.schedule.cadence(),
            next.as_deref().unwrap_or("no time")
        );
    }
    Ok(())
}
