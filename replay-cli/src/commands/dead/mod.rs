//! `leasehold dead`: jobs that stopped and wait for an operator.

mod amend;
mod change;
mod close;
mod evidence;
mod filter;
mod groups;
mod item;
mod line;
mod list;
mod show;
mod targets;

pub(crate) use filter::Filter;

use clap::Subcommand;
use queue_core::Closure;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;

#[derive(Debug, Subcommand)]
pub(crate) enum Dead {
    /// List dead letters
    List(list::List),
    /// Count dead letters by what they have in common
    Groups(groups::Groups),
    /// Show one dead letter, with its evidence
    Show(show::Show),
    /// Attach what was found, which a replay needs
    Evidence(evidence::Attach),
    /// Put another payload in the place of the one that a job died of
    Amend(amend::Amend),
    /// Settle dead letters whose matter is settled otherwise
    #[command(after_help = "\
Examples:
  leasehold dead resolve 1042 --reason 'sent by hand, OPS-17'
  leasehold dead resolve --all-matching --queue mail --until 2026-11-01 \\
      --reason 'sent by hand, OPS-17' --yes

The jobs stay dead; the letters are kept until their retention ends.")]
    Resolve(close::Close),
    /// Give dead letters up
    #[command(after_help = "\
Examples:
  leasehold dead discard 1042 1043 --reason 'test data, OPS-17' --yes
  leasehold dead discard --all-matching --kind load_test --reason 'test data, OPS-17' --yes

The jobs stay dead; the letters are kept until their retention ends.")]
    Discard(close::Close),
}

pub(crate) async fn run(desk: &Desk, command: Dead) -> Result<Answer, Failure> {
    match command {
        Dead::List(options) => list::run(desk, &options).await,
        Dead::Groups(options) => groups::run(desk, &options).await,
        Dead::Show(options) => show::run(desk, &options).await,
        Dead::Evidence(options) => evidence::run(desk, &options).await,
        Dead::Amend(options) => amend::run(desk, &options).await,
        Dead::Resolve(options) => close::run(desk, &options, Closure::Resolve).await,
        Dead::Discard(options) => close::run(desk, &options, Closure::Discard).await,
    }
}
