//! `leasehold job list`

use clap::Args;

use super::filter::Filter;
use super::item::JobItem;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::paging::Paging;
use crate::report;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold job list --queue mail --state running
  leasehold job list --kind send_invoice --json | jq .items[].id
  leasehold job list --until 1day --text 'connection reset'
  leasehold job list --limit 50 --after 1042

Columns: job, state, queue, kind, stage, attempt, created, due, held by, tenant, error class,
error. The oldest id comes first. Finished jobs are not listed, but shown by their ids; dead
ones are in `leasehold dead list`.")]
pub(crate) struct List {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    paging: Paging,
}

pub(super) async fn run(desk: &Desk, options: &List) -> Result<Answer, Failure> {
    let mut page = options.paging.page()?;
    let (store, style) = desk.store_and_style().await?;
    let filter = options.filter.resolve(store.now().await?)?;
    let mut jobs = Vec::new();
    // A page of the store ends where it has looked at enough, be there something in it or not.
    while jobs.len() <= options.paging.limit as usize {
        let found = store.jobs(&filter, page).await?;
        jobs.extend(found.jobs);
        let Some(next) = found.next else { break };
        page = page.after(next.get());
    }
    let (jobs, next) = options.paging.cut(jobs, |job| job.id.get());
    let items: Vec<_> = jobs.iter().map(|job| JobItem::of(job, false)).collect();
    report::list(desk, style, "job list", &items, next)
}
