//! `leasehold migrate`: the schema.

use clap::{Args, Subcommand};
use queue_core::migration::{MigrationTarget, Survey};
use queue_ops::Exit;
use serde::Serialize;

use crate::act::PerhapsWhy;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::report::{self, Row};
use crate::style::Tone;
use crate::table::Cell;

#[derive(Debug, Subcommand)]
pub(crate) enum Migrate {
    /// Bring the schema up, to this program's version unless another one is said
    #[command(after_help = "\
Examples:
  leasehold migrate up --database postgres://owner@db/app
  leasehold migrate up --reason 'release 7, OPS-17'
  leasehold migrate up --dry-run

All or nothing. Processes that do so at the same time take turns, and what one has done the next
finds done. A SQLite file that is not there is made. Where steps were applied, that is a record of
the audit trail, written with them.")]
    Up(Up),
    /// Bring the schema down to an older version
    #[command(after_help = "\
Examples:
  leasehold migrate down --to 4
  leasehold migrate down --to 4 --yes --reason 'back to release 6, OPS-17'

What the steps had made is lost with them; version 0 removes the schema with all jobs in it, the audit
trail included. Without --yes it is only said what would be undone.")]
    Down(Down),
    /// Tell which steps of the schema are applied
    #[command(after_help = "\
Examples:
  leasehold migrate status
  leasehold migrate status || leasehold migrate up

Columns: version, name, applied or pending. With steps pending it ends with 76.")]
    Status,
}

#[derive(Debug, Args)]
pub(crate) struct Up {
    /// The version to go to
    #[arg(long, value_name = "VERSION")]
    to: Option<u32>,
    /// Only say what would be applied
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    why: PerhapsWhy,
}

#[derive(Debug, Args)]
pub(crate) struct Down {
    /// The version to go to; 0 removes the schema
    #[arg(long, value_name = "VERSION")]
    to: u32,
    /// Do it
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    why: PerhapsWhy,
}

/// A step of the schema.
#[derive(Debug, Serialize)]
struct StepItem {
    version: u32,
    name: &'static str,
    state: &'static str,
}

impl Row for StepItem {
    const COLUMNS: &'static [&'static str] = &["version", "name", "state"];

    fn cells(&self) -> Vec<Cell> {
        let tone = match self.state {
            "applied" => Tone::Good,
            _ => Tone::Wait,
        };
        vec![
            Cell::number(self.version),
            Cell::text(self.name),
            Cell::toned(self.state, tone),
        ]
    }
}

pub(crate) async fn run(desk: &Desk, command: Migrate) -> Result<Answer, Failure> {
    match command {
        Migrate::Up(options) => up(desk, &options).await,
        Migrate::Down(options) => down(desk, &options).await,
        Migrate::Status => status(desk).await,
    }
}

async fn status(desk: &Desk) -> Result<Answer, Failure> {
    let survey = desk.database()?.survey().await?;
    let items = steps(
        &survey,
        |applied| if applied { "applied" } else { "pending" },
    );
    let mut answer = report::list(desk, desk.style, "migrate status", &items, None::<u32>)?;
    if survey.found != survey.newest {
        answer.exit = Exit::Schema;
        answer = answer.note("steps are pending; `leasehold migrate up` applies them");
    }
    Ok(answer)
}

async fn up(desk: &Desk, options: &Up) -> Result<Answer, Failure> {
    let database = desk.database()?;
    // A file that is to be made has nothing yet.
    let before = match database.is_there() {
        true => Some(database.survey().await?),
        false => None,
    };
    let found = before.as_ref().map_or(0, |survey| survey.found);
    if let Some(to) = options.to
        && to < found
    {
        return Err(Failure::usage(format!(
            "the schema has version {found}; `leasehold migrate down --to {to}` goes back"
        )));
    }
    if let (Some(to), Some(survey)) = (options.to, &before)
        && to > survey.newest
    {
        return Err(Failure::usage(format!(
            "there is no schema version {to}; this program's is {}",
            survey.newest
        )));
    }
    if options.dry_run {
        let Some(survey) = before else {
            return Ok(Answer::done("").note("the file is not there; it would be made"));
        };
        let to = options.to.unwrap_or(survey.newest);
        let items = moved(&survey, found, to, "would be applied");
        return report::list(desk, desk.style, "migrate up", &items, None::<u32>);
    }
    let target = options
        .to
        .map_or(MigrationTarget::Newest, MigrationTarget::Version);
    let act = options.why.act()?;
    desk.will_change("leasehold migrate status");
    let reached = database.migrate_by(target, &act).await?;
    let survey = database.survey().await?;
    let items = moved(&survey, found, reached, "applied");
    let answer = report::list(desk, desk.style, "migrate up", &items, None::<u32>)?;
    Ok(answer.note(format!("the schema has version {reached}")))
}

async fn down(desk: &Desk, options: &Down) -> Result<Answer, Failure> {
    let database = desk.database()?;
    let survey = database.survey().await?;
    if options.to > survey.found {
        return Err(Failure::usage(format!(
            "the schema has version {}; `leasehold migrate up --to {}` goes forward",
            survey.found, options.to
        )));
    }
    let said = if options.yes {
        "undone"
    } else {
        "would be undone"
    };
    let mut items = moved(&survey, options.to, survey.found, said);
    items.reverse();
    if !options.yes {
        let answer = report::list(desk, desk.style, "migrate down", &items, None::<u32>)?;
        let lost = if options.to == 0 {
            "all jobs would be lost with the schema"
        } else {
            "what these steps hold would be lost"
        };
        return Ok(answer.note(format!("nothing was changed; with --yes {lost}")));
    }
    let act = options.why.act()?;
    desk.will_change("leasehold migrate status");
    let target = MigrationTarget::Version(options.to);
    let reached = database.migrate_by(target, &act).await?;
    let answer = report::list(desk, desk.style, "migrate down", &items, None::<u32>)?;
    Ok(answer.note(format!("the schema has version {reached}")))
}

fn steps(survey: &Survey, state: impl Fn(bool) -> &'static str) -> Vec<StepItem> {
    let steps = survey.steps.iter();
    steps
        .map(|(version, name, applied)| StepItem {
            version: *version,
            name,
            state: state(*applied),
        })
        .collect()
}

/// The steps between two versions.
fn moved(survey: &Survey, low: u32, high: u32, state: &'static str) -> Vec<StepItem> {
    let mut items = steps(survey, |_| state);
    items.retain(|step| step.version > low && step.version <= high);
    items
}
