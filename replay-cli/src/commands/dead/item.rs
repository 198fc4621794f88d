//! A dead letter as it is written.

use queue_core::{DeadLetter, LetterState};
use serde::Serialize;

use crate::commands::job::JobItem;
use crate::moment::Time;
use crate::payload::PayloadItem;
use crate::report::Sheet;
use crate::style::Tone;
use crate::table::Cell;

#[derive(Debug, Serialize)]
pub(crate) struct LetterItem {
    pub(crate) id: i64,
    pub(crate) state: &'static str,
    pub(crate) version: i64,
    pub(crate) deaths: u32,
    pub(crate) replays: u32,
    pub(crate) died_at: Time,
    pub(crate) evidence: Vec<EvidenceItem>,
    pub(crate) job: JobItem,
    /// Why its payload or result was refused.
    pub(crate) reason_code: Option<String>,
    /// How it ended.
    pub(crate) note: Option<String>,
    /// What the job was enqueued with, if another payload is in its place.
    pub(crate) original_payload: Option<PayloadItem>,
}

#[derive(Debug, Serialize)]
pub(crate) struct EvidenceItem {
    pub(crate) actor: String,
    pub(crate) at: Time,
    pub(crate) reference: String,
    pub(crate) note: String,
}

impl LetterItem {
    pub(crate) fn of(letter: &DeadLetter, payload: bool) -> Self {
        Self {
            id: letter.job.id.get(),
            state: letter.state.as_str(),
            version: letter.version,
            deaths: letter.deaths,
            replays: letter.replays,
            died_at: Time(letter.died_at),
            evidence: letter
                .evidence
                .iter()
                .map(|record| EvidenceItem {
                    actor: record.actor.to_string(),
                    at: Time(record.at),
                    reference: record.evidence.reference.to_string(),
                    note: record.evidence.note.to_string(),
                })
                .collect(),
            job: JobItem::of(&letter.job, payload),
            reason_code: letter.reason.as_ref().map(ToString::to_string),
            note: letter.note.clone(),
            original_payload: letter
                .original_payload
                .as_ref()
                .map(|original| PayloadItem::of(original, payload)),
        }
    }

    pub(crate) fn sheet(&self) -> Sheet {
        let evidence = self.evidence.iter().map(|evidence| {
            vec![
                Cell::Time(evidence.at.0),
                Cell::text(&evidence.actor),
                Cell::text(&evidence.reference),
                Cell::text(&evidence.note),
            ]
        });
        let sheet = Sheet::default()
            .field("letter", Cell::toned(self.state, tone(self.state)))
            .field("died", Cell::Time(self.died_at.0))
            .field("deaths", Cell::number(self.deaths))
            .field("replays", Cell::number(self.replays))
            .field("version", Cell::number(self.version))
            .maybe("reason code", self.reason_code.as_ref(), Cell::text)
            .maybe("note", self.note.as_ref(), Cell::text);
        let original = self.original_payload.as_ref();
        let sheet = self
            .job
            .sheet(sheet)
            .maybe("original", original, |original| {
                Cell::text(original.summary())
            });
        let sheet = sheet.table(
            "evidence",
            &["at", "actor", "reference", "note"],
            evidence.collect(),
        );
        self.job
            .blocks(sheet)
            .block("original content", original.and_then(PayloadItem::text))
    }
}

pub(super) fn tone(state: &str) -> Tone {
    let is = |one: LetterState| state == one.as_str();
    if is(LetterState::Open) || is(LetterState::Escalated) {
        Tone::Bad
    } else if is(LetterState::Replaying) {
        Tone::Wait
    } else {
        Tone::Plain
    }
}
