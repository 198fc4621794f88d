//! `leasehold dead list`

use clap::Args;

use super::filter::Filter;
use super::item::LetterItem;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::paging::Paging;
use crate::report;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold dead list --state open
  leasehold dead list --error-class NETWORK_TIMEOUT --since 2h
  leasehold dead list --since 2026-11-20T10:00Z --until 2026-11-20T12:00Z --json
  leasehold dead list --limit 50 --after 1042

Columns: job, state, queue, kind, stage, error class, died, deaths, replays, tenant, error. The
oldest id comes first.")]
pub(crate) struct List {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    paging: Paging,
}

pub(super) async fn run(desk: &Desk, options: &List) -> Result<Answer, Failure> {
    let page = options.paging.page()?;
    let (store, style) = desk.store_and_style().await?;
    let filter = options.filter.resolve(store.now().await?);
    let letters = store.dead_letters(&filter, page).await?;
    let (letters, next) = options.paging.cut(letters, |letter| letter.job.id.get());
    let items: Vec<_> = letters
        .iter()
        .map(|letter| LetterItem::of(letter, false))
        .collect();
    report::list(desk, style, "dead list", &items, next)
}
