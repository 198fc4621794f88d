//! `leasehold job`: single jobs.

mod cancel;
mod filter;
mod item;
mod list;
mod retry;
mod show;
mod targets;

use clap::Subcommand;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;
pub(crate) use item::JobItem;

#[derive(Debug, Subcommand)]
pub(crate) enum Job {
    /// List jobs that are queued, run, or await delivery
    List(list::List),
    /// Show one job, wherever it is
    Show(show::Show),
    /// Cancel jobs: queued ones at once, running ones by asking them to stop
    Cancel(cancel::Cancel),
    /// Let jobs run now that wait for their time or their next attempt
    Retry(retry::Retry),
}

pub(crate) async fn run(desk: &Desk, command: Job) -> Result<Answer, Failure> {
    match command {
        Job::List(options) => list::run(desk, &options).await,
        Job::Show(options) => show::run(desk, &options).await,
        Job::Cancel(options) => cancel::run(desk, &options).await,
        Job::Retry(options) => retry::run(desk, &options).await,
    }
}
