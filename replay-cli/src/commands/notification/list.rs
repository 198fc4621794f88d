//! `leasehold notification list`

use clap::Args;
use queue_core::NotificationState;

use super::filter::{self, Filter};
use super::item::{NotificationItem, Unveil};
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::paging::Paging;
use crate::report;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold notification list --state failed --state in_doubt
  leasehold notification list --state failed --error-class MAILBOX_UNKNOWN --json
  leasehold notification list --state in_doubt --until 15min --text 'no answer'

Columns: id, state, channel, purpose, subject, recipient, job, attempt, due, error class, error.
The oldest id comes first. Addresses are masked.")]
pub(crate) struct List {
    /// Only those in this state; may be given more than once
    #[arg(long, value_name = "STATE", value_parser = filter::state())]
    state: Vec<NotificationState>,
    #[command(flatten)]
    filter: Filter,
    /// Show whole addresses
    #[arg(long)]
    unmask: bool,
    #[command(flatten)]
    paging: Paging,
}

pub(super) async fn run(desk: &Desk, options: &List) -> Result<Answer, Failure> {
    let mut states = options.state.clone();
    if states.is_empty() {
        states = NotificationState::ALL.to_vec();
    }
    states.sort();
    states.dedup();
    let paging = options.paging;
    let (store, style) = desk.store_and_style().await?;
    let wanted = paging.limit as usize + 1;
    let found = options.filter.find(store, &states, paging.after, wanted);
    let (rows, next) = paging.cut(found.await?, |row| row.id.get());
    let unveil = Unveil {
        addresses: options.unmask,
        message: false,
    };
    let items: Vec<_> = rows
        .iter()
        .map(|row| NotificationItem::of(row, unveil))
        .collect();
    report::list(desk, style, "notification list", &items, next)
}
