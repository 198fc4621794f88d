//! `leasehold schedule`: jobs by the clock.

use clap::{Args, Subcommand};
use queue_core::catalogue::{near, nearest_is};
use queue_core::{ScheduleName, ScheduleView, Store};
use serde::Serialize;

use crate::act::Why;
use crate::answer::{Answer, Failure};
use crate::desk::Desk;
use crate::moment::Time;
use crate::report::{self, Change, ChangeKind, Row};
use crate::style::Tone;
use crate::table::Cell;

#[derive(Debug, Subcommand)]
pub(crate) enum Schedule {
    /// List schedules
    #[command(after_help = "\
Examples:
  leasehold schedule list
  leasehold schedule list --json | jq '.items[] | {name, next_at}'

Columns: schedule, paused, cadence, next tick, last tick, queue, kind, what becomes of missed
ticks.")]
    List,
    /// Let a schedule rest
    #[command(after_help = "\
Example:
  leasehold schedule pause nightly --reason 'the books are closed, OPS-17'

A schedule that rests already is left as it is, without a record.")]
    Pause(Target),
    /// Let a schedule go on
    #[command(after_help = "\
Example:
  leasehold schedule resume nightly --reason 'the books are open, OPS-17'

Ticks that came meanwhile are not made up for.")]
    Resume(Target),
    /// Remove a schedule; jobs that it fired stay
    #[command(after_help = "\
Example:
  leasehold schedule remove nightly --reason 'replaced by weekly, OPS-17'

A service that puts the schedule when it starts brings it back then.")]
    Remove(Target),
}

/// Which schedule, and why.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// The schedule
    name: ScheduleName,
    #[command(flatten)]
    why: Why,
}

#[derive(Debug, Serialize)]
struct ScheduleItem {
    name: String,
    paused: bool,
    cadence: String,
    next_at: Option<Time>,
    last_at: Option<Time>,
    queue: String,
    kind: String,
    missed: &'static str,
    grace_seconds: f64,
}

impl From<&ScheduleView> for ScheduleItem {
    fn from(view: &ScheduleView) -> Self {
        let schedule = &view.schedule;
        Self {
            name: schedule.name().to_string(),
            paused: schedule.is_paused(),
            cadence: schedule.cadence().to_string(),
            next_at: view.next_tick.map(Time),
            last_at: view.last_tick.map(Time),
            queue: schedule.job().queue.to_string(),
            kind: schedule.job().kind.to_string(),
            missed: schedule.missed_ticks().as_str(),
            grace_seconds: schedule.grace_period().as_secs_f64(),
        }
    }
}

impl Row for ScheduleItem {
    const COLUMNS: &'static [&'static str] = &[
        "schedule", "paused", "cadence", "next", "last", "queue", "kind", "missed",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(&self.name),
            if self.paused {
                Cell::toned("paused", Tone::Wait)
            } else {
                Cell::Empty
            },
            Cell::text(&self.cadence),
            Cell::maybe(self.next_at, |at| Cell::Time(at.0)),
            Cell::maybe(self.last_at, |at| Cell::Time(at.0)),
            Cell::text(&self.queue),
            Cell::text(&self.kind),
            Cell::word(self.missed),
        ]
    }
}

pub(crate) async fn run(desk: &Desk, command: Schedule) -> Result<Answer, Failure> {
    match command {
        Schedule::List => list(desk).await,
        Schedule::Pause(target) => pause(desk, &target, true).await,
        Schedule::Resume(target) => pause(desk, &target, false).await,
        Schedule::Remove(target) => remove(desk, &target).await,
    }
}

async fn list(desk: &Desk) -> Result<Answer, Failure> {
    let (store, style) = desk.store_and_style().await?;
    let views = store.schedules().await?;
    let items: Vec<_> = views.iter().map(ScheduleItem::from).collect();
    report::list(desk, style, "schedule list", &items, None::<String>)
}

async fn pause(desk: &Desk, target: &Target, paused: bool) -> Result<Answer, Failure> {
    let (command, outcome) = if paused {
        ("schedule pause", "paused")
    } else {
        ("schedule resume", "resumed")
    };
    let store = desk.store().await?;
    let was = find(store, &target.name).await?;
    let act = target.why.act()?;
    let (outcome, detail) = if was.schedule.is_paused() == paused {
        (
            "unchanged",
            if paused {
                "it is paused"
            } else {
                "it is not paused"
            },
        )
    } else {
        desk.will_change("leasehold schedule list");
        match store.pause_schedule(&target.name, paused, &act).await? {
            Some(_) => (outcome, ""),
            None => return Err(missing(store, &target.name).await?),
        }
    };
    let name = format!("schedule:{}", target.name);
    let change = Change::new(name, ChangeKind::Made, outcome, detail);
    report::changes(desk, command, &[change], false)
}

async fn remove(desk: &Desk, target: &Target) -> Result<Answer, Failure> {
    let store = desk.store().await?;
    let act = target.why.act()?;
    desk.will_change("leasehold schedule list");
    if !store.remove_schedule(&target.name, &act).await? {
        return Err(missing(store, &target.name).await?);
    }
    let name = format!("schedule:{}", target.name);
    let change = Change::new(name, ChangeKind::Made, "removed", "");
    report::changes(desk, "schedule remove", &[change], false)
}

async fn find(store: &dyn Store, name: &ScheduleName) -> Result<ScheduleView, Failure> {
    let views = store.schedules().await?.into_iter();
    let found = views.into_iter().find(|view| view.schedule.name() == name);
    match found {
        Some(view) => Ok(view),
        None => Err(missing(store, name).await?),
    }
}

async fn missing(store: &dyn Store, name: &ScheduleName) -> Result<Failure, Failure> {
    let views = store.schedules().await?;
    let names = views.iter().map(|view| view.schedule.name());
    let near = near(name.as_str(), names, |name| name.as_str());
    let hint = nearest_is(near.map(ScheduleName::as_str));
    Ok(Failure::not_found(format!(
        "there is no schedule `{name}`{hint}"
    )))
}
