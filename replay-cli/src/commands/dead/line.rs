//! A dead letter as a list has it.

use queue_core::LetterSummary;
use serde::Serialize;

use super::item::tone;
use crate::moment::Time;
use crate::report::Row;
use crate::table::Cell;

#[derive(Debug, Serialize)]
pub(crate) struct LetterLine {
    id: i64,
    state: &'static str,
    version: i64,
    deaths: u32,
    replays: u32,
    died_at: Time,
    queue: String,
    kind: String,
    tenant: Option<String>,
    stage: String,
    error_class: String,
    reason_code: Option<String>,
    message: String,
    has_evidence: bool,
}

impl LetterLine {
    pub(crate) fn of(letter: &LetterSummary) -> Self {
        Self {
            id: letter.job.get(),
            state: letter.state.as_str(),
            version: letter.version,
            deaths: letter.deaths,
            replays: letter.replays,
            died_at: Time(letter.died_at),
            queue: letter.queue.to_string(),
            kind: letter.kind.to_string(),
            tenant: letter.tenant.as_ref().map(ToString::to_string),
            stage: letter.stage.to_string(),
            error_class: letter.error_class.to_string(),
            reason_code: letter.reason.as_ref().map(ToString::to_string),
            message: letter.message.clone(),
            has_evidence: letter.has_evidence,
        }
    }
}

impl Row for LetterLine {
    const COLUMNS: &'static [&'static str] = &[
        "job",
        "state",
        "queue",
        "kind",
        "stage",
        "error class",
        "died",
        "deaths",
        "replays",
        "tenant",
        "error",
        "evidence",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::number(self.id),
            Cell::toned(self.state, tone(self.state)),
            Cell::text(&self.queue),
            Cell::text(&self.kind),
            Cell::text(&self.stage),
            Cell::text(&self.error_class),
            Cell::Time(self.died_at.0),
            Cell::number(self.deaths),
            Cell::number(self.replays),
            Cell::maybe(self.tenant.as_ref(), Cell::text),
            Cell::text(&self.message),
            Cell::word(if self.has_evidence { "yes" } else { "no" }),
        ]
    }
}
