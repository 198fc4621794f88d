//! `leasehold notification`: messages, and what is decided on them.

mod change;
mod filter;
mod item;
mod list;
mod show;
mod targets;
mod verbs;

use clap::Subcommand;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;

#[derive(Debug, Subcommand)]
pub(crate) enum Notification {
    /// List messages
    List(list::List),
    /// Show one message, and the evidence where its fate is in doubt
    Show(show::Show),
    /// Send messages again that failed
    Retry(verbs::Retry),
    /// Send a message that failed to somebody else
    Redirect(verbs::Redirect),
    /// Let messages that failed be: jobs that require them may finish
    Waive(verbs::Waive),
    /// Say of messages in doubt whether they were delivered
    Verdict(verbs::Verdict),
}

pub(crate) async fn run(desk: &Desk, command: Notification) -> Result<Answer, Failure> {
    match command {
        Notification::List(options) => list::run(desk, &options).await,
        Notification::Show(options) => show::run(desk, &options).await,
        Notification::Retry(options) => verbs::retry(desk, &options).await,
        Notification::Redirect(options) => verbs::redirect(desk, &options).await,
        Notification::Waive(options) => verbs::waive(desk, &options).await,
        Notification::Verdict(options) => verbs::verdict(desk, &options).await,
    }
}
