//! A run and its letters as they are written.

use queue_core::{
    ItemOutcome, Page, ReplayItem, ReplayRun, RunCounts, RunState, Store, StoreError,
};
use serde::Serialize;

use crate::answer::Failure;
use crate::moment::Time;
use crate::report::{Row, Sheet};
use crate::style::Tone;
use crate::table::Cell;

#[derive(Debug, Serialize)]
pub(super) struct RunItem {
    id: i64,
    plan: String,
    state: &'static str,
    letters: u32,
    counts: RunCounts,
    from_start: bool,
    settings: String,
    begun_by: String,
    reason: String,
    begun_at: Time,
    ended_at: Option<Time>,
    note: Option<String>,
    held_by: Option<String>,
    held_until: Option<Time>,
}

impl RunItem {
    pub(super) fn of(run: &ReplayRun) -> Self {
        let (held_by, held_until) = run
            .held
            .as_ref()
            .map(|(holder, until)| (holder.to_string(), Time(*until)))
            .unzip();
        Self {
            id: run.id.get(),
            plan: run.plan.to_string(),
            state: run.state.as_str(),
            letters: run.letters,
            counts: run.counts,
            from_start: run.from_start,
            settings: run.settings.clone(),
            begun_by: run.act.actor.to_string(),
            reason: run.act.reason.clone(),
            begun_at: Time(run.begun_at),
            ended_at: run.ended_at.map(Time),
            note: run.note.clone(),
            held_by,
            held_until,
        }
    }

    pub(super) fn sheet(&self) -> Sheet {
        let counts = &self.counts;
        Sheet::default()
            .field("run", Cell::number(self.id))
            .field("plan", Cell::text(&self.plan))
            .field("state", Cell::toned(self.state, tone(self.state)))
            .maybe("note", self.note.as_ref(), Cell::text)
            .field("settings", Cell::text(&self.settings))
            .field("begun by", Cell::text(&self.begun_by))
            .field("reason", Cell::text(&self.reason))
            .field("begun", Cell::Time(self.begun_at.0))
            .maybe("ended", self.ended_at, |at| Cell::Time(at.0))
            .maybe("held by", self.held_by.as_ref(), Cell::text)
            .maybe("held until", self.held_until, |at| Cell::Time(at.0))
            .field("letters", Cell::number(self.letters))
            .field("replayed", Cell::number(counts.replayed()))
            .field("not ended", Cell::number(counts.running))
            .field("succeeded", Cell::number(counts.succeeded))
            .field("died again", Cell::number(counts.died))
            .field("cancelled", Cell::number(counts.cancelled))
            .field("left out", Cell::number(counts.left_out()))
    }
}

impl Row for RunItem {
    const COLUMNS: &'static [&'static str] = &[
        "run",
        "state",
        "letters",
        "not ended",
        "succeeded",
        "died again",
        "left out",
        "begun",
        "by",
        "reason",
        "plan",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::number(self.id),
            Cell::toned(self.state, tone(self.state)),
            Cell::number(self.letters),
            Cell::number(self.counts.running),
            Cell::number(self.counts.succeeded),
            Cell::number(self.counts.died),
            Cell::number(self.counts.left_out()),
            Cell::Time(self.begun_at.0),
            Cell::text(&self.begun_by),
            Cell::text(&self.reason),
            Cell::text(&self.plan),
        ]
    }
}

fn tone(state: &str) -> Tone {
    match state {
        state if state == RunState::Finished.as_str() => Tone::Good,
        state if state == RunState::Stopped.as_str() => Tone::Bad,
        _ => Tone::Wait,
    }
}

/// One letter of a run.
#[derive(Debug, Serialize)]
pub(super) struct LetterOfRun {
    job: i64,
    /// A reason code.
    outcome: &'static str,
    /// That of the plan.
    version: i64,
    at: Time,
}

impl LetterOfRun {
    pub(super) fn of(item: &ReplayItem) -> Self {
        Self {
            job: item.job.get(),
            outcome: item.outcome.code(),
            version: item.version,
            at: Time(item.at),
        }
    }

    pub(super) fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::number(self.job),
            Cell::word(self.outcome),
            Cell::number(self.version),
            Cell::Time(self.at.0),
        ]
    }
}

pub(super) const LETTERS: &[&str] = &["job", "outcome", "version", "seen"];

/// How many letters of a run are asked for at a time.
const AT_A_TIME: u32 = 5_000;

/// The letters that a run came to this with.
pub(super) async fn with_outcomes(
    store: &dyn Store,
    run: &ReplayRun,
    wanted: &[ItemOutcome],
) -> Result<Vec<LetterOfRun>, Failure> {
    let mut page = Page::first(AT_A_TIME).map_err(StoreError::from)?;
    let mut found = Vec::new();
    loop {
        let items = store.run_items(run.id, page).await?;
        let Some(last) = items.last() else {
            return Ok(found);
        };
        page = page.after(last.job.get());
        let items = items.iter().filter(|item| wanted.contains(&item.outcome));
        found.extend(items.map(LetterOfRun::of));
    }
}
