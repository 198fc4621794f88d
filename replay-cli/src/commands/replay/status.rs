//! `leasehold replay status`

use std::path::Path;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use queue_core::{ItemOutcome, Page, ReplayRun, RunId, Store, StoreError};
use serde::Serialize;

use super::file;
use super::run_item::{LETTERS, LetterOfRun, RunItem, with_outcomes};
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::paging::Paging;
use crate::report;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold replay status
  leasehold replay status plan.json
  leasehold replay status 3 --outcome died_again --outcome changed

Columns of the list: run, state, letters, not ended, succeeded, died again, left out, begun, by,
reason, plan. The oldest comes first. A run is applied on by `leasehold replay apply`.")]
pub(crate) struct Status {
    /// The number of a run, or the file of its plan; all runs where it is left out
    #[arg(value_name = "RUN|PLAN")]
    run: Option<String>,
    /// With the letters that came to this; may be given several times
    #[arg(long, value_name = "CODE", value_parser = outcome(), requires = "run")]
    outcome: Vec<ItemOutcome>,
    #[command(flatten)]
    paging: Paging,
}

fn outcome() -> impl TypedValueParser<Value = ItemOutcome> {
    PossibleValuesParser::new(ItemOutcome::ALL.map(ItemOutcome::code)).try_map(|text| {
        let mut outcomes = ItemOutcome::ALL.into_iter();
        outcomes
            .find(|outcome| outcome.code() == text)
            .ok_or("no outcome")
    })
}

#[derive(Debug, Serialize)]
struct Whole {
    #[serde(flatten)]
    run: RunItem,
    items: Vec<LetterOfRun>,
}

pub(super) async fn run(desk: &Desk, options: &Status) -> Result<Answer, Failure> {
    let (store, style) = desk.store_and_style().await?;
    let Some(wanted) = &options.run else {
        let runs = store.runs(options.paging.page()?).await?;
        let (runs, next) = options.paging.cut(runs, |run| run.id.get());
        let items: Vec<_> = runs.iter().map(RunItem::of).collect();
        return report::list(desk, style, "replay status", &items, next);
    };
    let run = find(store, wanted).await?;
    let item = Whole {
        run: RunItem::of(&run),
        items: with_outcomes(store, &run, &options.outcome).await?,
    };
    let rows = item.items.iter().map(LetterOfRun::cells).collect();
    let sheet = item.run.sheet().table("seen", LETTERS, rows);
    report::show(desk, style, "replay status", &item, &sheet)
}

async fn find(store: &dyn Store, wanted: &str) -> Result<ReplayRun, Failure> {
    if let Ok(number) = wanted.parse::<i64>() {
        let page = Page::first(1).map_err(StoreError::from)?;
        let mut runs = store.runs(page.after(number.saturating_sub(1))).await?;
        let found = runs.pop().filter(|run| run.id == RunId::new(number));
        return found.ok_or_else(|| {
            Failure::not_found(format!(
                "there is no run {number}; `leasehold replay status` lists them"
            ))
        });
    }
    let path = Path::new(wanted);
    let plan = file::read(path)?;
    plan.check_database(store.id())
        .map_err(|error| file::refused(path, &error))?;
    store.run_of(plan.digest()).await?.ok_or_else(|| {
        Failure::not_found(format!(
            "the plan was not applied yet; `leasehold replay apply {wanted} --reason …` does"
        ))
    })
}
