//! `leasehold retention apply`

use clap::Args;
use queue_core::{Kept, Maintained, RetentionSort};
use serde::Serialize;

use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Sheet};
use crate::table::Cell;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold retention apply
  leasehold retention apply --page 200

Removes by the rules that `leasehold retention list` shows, in short transactions, until nothing is left
that has ended. SIGINT stops it between two. Nothing of it is an act of an operator's: the rules are, and
are on record. The audit trail is shortened by `leasehold audit archive` only.")]
pub(crate) struct Apply {
    /// How many rows of a sort at most go in one transaction
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    page: u32,
}

#[derive(Debug, Serialize)]
struct Removed {
    history: u64,
    dead_letters: u64,
    notifications: u64,
    keys: u64,
    subjects: u64,
    replay_items: u64,
    suppressions: u64,
    /// Whether nothing is left that has ended.
    through: bool,
}

pub(super) async fn run(desk: &Desk, options: &Apply) -> Result<Answer, Failure> {
    let store = desk.store().await?;
    let retention = store.retention().await?;
    desk.stop.be_careful();
    let mut done = Maintained {
        more: true,
        ..Maintained::default()
    };
    while done.more && desk.stop.asked().is_none() {
        done = done.and(store.maintain(&retention, options.page).await?);
    }
    let item = Removed {
        history: done.history,
        dead_letters: done.dead_letters,
        notifications: done.notifications,
        keys: done.keys,
        subjects: done.subjects,
        replay_items: done.replays,
        suppressions: done.suppressions,
        through: !done.more,
    };
    let sheet = Sheet::default()
        .field("history", Cell::number(item.history))
        .field("dead letters", Cell::number(item.dead_letters))
        .field("notifications", Cell::number(item.notifications))
        .field("keys", Cell::number(item.keys))
        .field("subjects", Cell::number(item.subjects))
        .field("replay items", Cell::number(item.replay_items))
        .field("suppressions", Cell::number(item.suppressions));
    let mut answer = report::show(desk, desk.style, "retention apply", &item, &sheet)?;
    if retention.kept(RetentionSort::Audit, None) != Kept::Forever {
        answer = answer
            .note("of the audit trail nothing was removed: `leasehold audit archive` does that");
    }
    if let Some(signal) = desk.stop.asked().filter(|_| done.more) {
        answer.exit = signal.exit();
        answer = answer.note(format!(
            "{signal}; there may be more to remove: the same command goes on"
        ));
    }
    Ok(answer)
}
