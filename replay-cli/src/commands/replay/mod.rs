//! `leasehold replay`: a plan that somebody reads, and what becomes of it.

mod apply;
mod file;
mod plan;
mod progress;
mod run_item;
mod show;
mod status;
mod summary;

use clap::Subcommand;
pub(crate) use progress::Progress;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;

#[derive(Debug, Subcommand)]
pub(crate) enum Replay {
    /// Write down what would be replayed, and what is unsafe about it
    Plan(Box<plan::Plan>),
    /// Show what applying a plan would do, in groups
    Show(show::Show),
    /// Apply a plan: each letter once, at a pace, as long as not too many fail
    Apply(apply::Apply),
    /// List the plans that were applied, or show how one stands
    Status(status::Status),
}

pub(crate) async fn run(desk: &Desk, command: Replay) -> Result<Answer, Failure> {
    match command {
        Replay::Plan(options) => plan::run(desk, &options).await,
        Replay::Show(options) => show::run(desk, &options),
        Replay::Apply(options) => apply::run(desk, &options).await,
        Replay::Status(options) => status::run(desk, &options).await,
    }
}
