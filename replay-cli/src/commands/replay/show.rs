//! `leasehold replay show`

use std::path::PathBuf;

use clap::Args;

use super::file;
use super::summary::Summary;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold replay show plan.json
  leasehold replay show plan.json --json | jq .item.risks

Reads the file only: no database is needed. A letter with a risk is unsafe; `leasehold explain RISK`
tells what to do about it.")]
pub(crate) struct Show {
    /// The file of the plan
    plan: PathBuf,
}

pub(super) fn run(desk: &Desk, options: &Show) -> Result<Answer, Failure> {
    let summary = Summary::of(&file::read(&options.plan)?);
    report::show(desk, desk.style, "replay show", &summary, &summary.sheet())
}
