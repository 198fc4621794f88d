//! `leasehold dead show`

use clap::Args;
use queue_core::JobId;

use super::item::LetterItem;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::{ids, report};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold dead show 1042
  leasehold dead show 1042 --payload --json | jq .item.job.payload.content

Payloads may hold anything, so that they and the headers are shown only with --payload.")]
pub(crate) struct Show {
    /// The id of the job
    #[arg(value_parser = ids::job)]
    job: JobId,
    /// With the payload and the headers
    #[arg(long)]
    payload: bool,
}

pub(super) async fn run(desk: &Desk, options: &Show) -> Result<Answer, Failure> {
    let (store, style) = desk.store_and_style().await?;
    let letter = store.dead_letter(options.job).await?;
    let Some(letter) = letter else {
        let job = options.job;
        return Err(Failure::not_found(format!(
            "job {job} is no dead letter; `leasehold job show {job}` shows what became of it"
        )));
    };
    let item = LetterItem::of(&letter, options.payload);
    report::show(desk, style, "dead show", &item, &item.sheet())
}
