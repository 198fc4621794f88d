//! `leasehold retention apply`

use clap::Args;
use queue_core::{Act, Kept, Maintained, RetentionSort, ServiceAct, Store, StoreError};
use queue_ops::Exit;
use serde::Serialize;

use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Sheet};
use crate::table::Cell;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold retention apply --reason 'the disk fills, OPS-17'
  leasehold retention apply --page 200 --reason OPS-17

Removes by the rules that `leasehold retention list` shows, in short transactions, until nothing is left
that has ended. SIGINT stops it between two. How much of each sort went is put on record at the end, as
leasehold.retention.apply; where nothing went there is no record. The audit trail is shortened by
`leasehold audit archive` only.")]
pub(crate) struct Apply {
    /// How many rows of a sort at most go in one transaction
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    page: u32,
    #[command(flatten)]
    why: Why,
}

/// The record of it: three words, as of all that no verb of a port has done.
const ACTION: &str = "leasehold.retention.apply";

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

impl Removed {
    fn of(done: &Maintained) -> Self {
        Self {
            history: done.history,
            dead_letters: done.dead_letters,
            notifications: done.notifications,
            keys: done.keys,
            subjects: done.subjects,
            replay_items: done.replays,
            suppressions: done.suppressions,
            through: !done.more,
        }
    }
}

pub(super) async fn run(desk: &Desk, options: &Apply) -> Result<Answer, Failure> {
    let act = options.why.act()?;
    let store = desk.store().await?;
    let retention = store.retention().await?;
    desk.stop.be_careful();
    desk.will_change(format!("leasehold audit list --action {ACTION}"));
    let mut done = Maintained {
        more: true,
        ..Maintained::default()
    };
    let mut ended: Result<(), StoreError> = Ok(());
    while ended.is_ok() && done.more && desk.stop.asked().is_none() {
        match store.maintain(&retention, options.page).await {
            Ok(page) => done = done.and(page),
            Err(error) => ended = Err(error),
        }
    }
    let item = Removed::of(&done);
    // What went is gone, whatever kept the rest from going.
    let recorded = match done.total() {
        0 => Ok(()),
        _ => record(store, &item, &act).await,
    };
    ended?;
    recorded?;
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

async fn record(store: &dyn Store, removed: &Removed, act: &Act) -> Result<(), Failure> {
    let own = ServiceAct::new(ACTION, "retention:all", removed)
        .map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
    Ok(store.record(&own, act).await?)
}
