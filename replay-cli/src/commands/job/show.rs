//! `leasehold job show`

use clap::Args;
use queue_core::JobId;

use super::item::JobItem;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::Sheet;
use crate::{ids, report};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold job show 1042
  leasehold job show 1042 --payload --json | jq .item.payload.content

Payloads may hold anything, so that they, results and headers are shown only with --payload.
What is known of a dead job besides is in `leasehold dead show`.")]
pub(crate) struct Show {
    /// The id of the job
    #[arg(value_parser = ids::job)]
    job: JobId,
    /// With the payload, the result and the headers
    #[arg(long)]
    payload: bool,
}

pub(super) async fn run(desk: &Desk, options: &Show) -> Result<Answer, Failure> {
    let (store, style) = desk.store_and_style().await?;
    let Some(job) = store.job(options.job).await? else {
        return Err(Failure::not_found(format!(
            "there is no job {}: it never was, or its retention has ended",
            options.job
        )));
    };
    let item = JobItem::of(&job, options.payload);
    let sheet = item.blocks(item.sheet(Sheet::default()));
    report::show(desk, style, "job show", &item, &sheet)
}
