//! `leasehold dead list`

use clap::Args;
use queue_core::LetterCursor;
use queue_ops::letters;

use super::filter::Filter;
use super::line::LetterLine;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold dead list --state open
  leasehold dead list --error-class NETWORK_TIMEOUT --since 2h
  leasehold dead list --since 2026-11-20T10:00Z --until 2026-11-20T12:00Z --json
  leasehold dead list --queue mail --text 'connection reset' --limit 200
  leasehold dead list --limit 50 --after 1795255200000000.1042

Columns: job, state, queue, kind, stage, error class, died, deaths, replays, tenant, error,
evidence. What died last comes first.")]
pub(crate) struct List {
    #[command(flatten)]
    filter: Filter,
    /// How many rows at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=5000))]
    limit: u32,
    /// Only what comes after this: the cursor that the page before ended with
    #[arg(long, value_name = "CURSOR")]
    after: Option<LetterCursor>,
}

pub(super) async fn run(desk: &Desk, options: &List) -> Result<Answer, Failure> {
    let (store, style) = desk.store_and_style().await?;
    let filter = options.filter.resolve(store.now().await?)?;
    let list = letters::page(store, &filter, options.limit, options.after).await?;
    let items: Vec<_> = list.letters.iter().map(LetterLine::of).collect();
    report::list(desk, style, "dead list", &items, list.next)
}
