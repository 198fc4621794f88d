//! `leasehold retention`: how long what is kept.

mod apply;
mod list;
mod rule;

use clap::Subcommand;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;

#[derive(Debug, Subcommand)]
pub(crate) enum Retention {
    /// List what holds, for each sort and for queues with rules of their own
    List(list::List),
    /// Set how long a sort is kept, everywhere or in one queue
    Set(rule::Set),
    /// Take a rule away, so that the next wider one holds
    Clear(rule::Clear),
    /// Remove now what is not kept any more, as the daemon does
    Apply(apply::Apply),
}

pub(crate) async fn run(desk: &Desk, command: Retention) -> Result<Answer, Failure> {
    match command {
        Retention::List(options) => list::run(desk, &options).await,
        Retention::Set(options) => rule::set(desk, &options).await,
        Retention::Clear(options) => rule::clear(desk, &options).await,
        Retention::Apply(options) => apply::run(desk, &options).await,
    }
}
