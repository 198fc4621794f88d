//! A job as it is written.

use queue_core::{CORRELATION_ID, Headers, JobState, JobView};
use serde::Serialize;

use crate::moment::Time;
use crate::payload::PayloadItem;
use crate::report::{Row, Sheet};
use crate::style::Tone;
use crate::table::Cell;

#[derive(Debug, Serialize)]
pub(crate) struct JobItem {
    pub(crate) id: i64,
    pub(crate) state: &'static str,
    pub(crate) queue: String,
    pub(crate) kind: String,
    pub(crate) priority: i16,
    pub(crate) stage: String,
    pub(crate) attempt: u16,
    pub(crate) max_attempts: u16,
    pub(crate) created_at: Time,
    pub(crate) run_at: Time,
    /// Queued, and behind others of its ordering key.
    pub(crate) waits_for_turn: bool,
    pub(crate) held_by: Option<String>,
    pub(crate) lease_expires_at: Option<Time>,
    pub(crate) cancel_requested: bool,
    pub(crate) tenant: Option<String>,
    pub(crate) ordering_key: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) revision: Option<i64>,
    pub(crate) correlation_id: Option<String>,
    pub(crate) progress: Option<ProgressItem>,
    pub(crate) failure: Option<FailureItem>,
    pub(crate) finished_at: Option<Time>,
    pub(crate) fence: i64,
    pub(crate) payload: PayloadItem,
    pub(crate) result: Option<PayloadItem>,
    /// Only where payloads are asked for: there may be anything in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) headers: Option<Headers>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ProgressItem {
    pub(crate) percent: Option<u8>,
    pub(crate) note: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct FailureItem {
    pub(crate) error_class: String,
    pub(crate) message: String,
    pub(crate) first_at: Time,
    pub(crate) last_at: Time,
}

impl JobItem {
    /// With what is in it, or only with how much that is.
    pub(crate) fn of(job: &JobView, payload: bool) -> Self {
        let (held_by, lease_expires_at) = job
            .held
            .as_ref()
            .map(|(worker, until)| (worker.to_string(), Time(*until)))
            .unzip();
        let (subject, revision) = job
            .subject
            .as_ref()
            .map(|(subject, revision)| (subject.to_string(), revision.get()))
            .unzip();
        Self {
            id: job.id.get(),
            state: job.state.as_str(),
            queue: job.queue.to_string(),
            kind: job.kind.to_string(),
            priority: job.priority.get(),
            stage: job.progress.stage_name().to_string(),
            attempt: job.progress.attempt,
            max_attempts: job.max_attempts,
            created_at: Time(job.created_at),
            run_at: Time(job.run_at),
            waits_for_turn: job.waits_for_turn,
            held_by,
            lease_expires_at,
            cancel_requested: job.cancel_requested,
            tenant: job.tenant.as_ref().map(ToString::to_string),
            ordering_key: job.ordering_key.as_ref().map(ToString::to_string),
            subject,
            revision,
            correlation_id: job.headers.get(CORRELATION_ID).map(str::to_owned),
            progress: job.report.as_ref().map(|report| ProgressItem {
                percent: report.percent(),
                note: report.note().map(str::to_owned),
            }),
            failure: job.failure.as_ref().map(|failure| FailureItem {
                error_class: failure.class.to_string(),
                message: failure.message.clone(),
                first_at: Time(failure.first_at),
                last_at: Time(failure.last_at),
            }),
            finished_at: job.finished_at.map(Time),
            fence: job.fence.get(),
            payload: PayloadItem::of(&job.payload, payload),
            result: job
                .result
                .as_ref()
                .map(|result| PayloadItem::of(result, payload)),
            headers: payload.then(|| job.headers.clone()),
        }
    }

    fn attempts(&self) -> String {
        format!("{} of {}", self.attempt, self.max_attempts)
    }

    /// What is said of it by itself.
    pub(crate) fn sheet(&self, sheet: Sheet) -> Sheet {
        let failure = self.failure.as_ref();
        sheet
            .field("job", Cell::number(self.id))
            .field("state", Cell::toned(self.state, tone(self.state)))
            .field("queue", Cell::text(&self.queue))
            .field("kind", Cell::text(&self.kind))
            .field("stage", Cell::text(&self.stage))
            .field("attempt", Cell::text(self.attempts()))
            .field("priority", Cell::number(self.priority))
            .field("created", Cell::Time(self.created_at.0))
            .field("due", Cell::Time(self.run_at.0))
            .maybe("waits", self.waits_for_turn.then_some(()), |()| {
                Cell::text("behind others of its ordering key")
            })
            .maybe("held by", self.held_by.as_ref(), Cell::text)
            .maybe("lease until", self.lease_expires_at, |at| Cell::Time(at.0))
            .maybe("cancel", self.cancel_requested.then_some(()), |()| {
                Cell::text("requested")
            })
            .maybe("tenant", self.tenant.as_ref(), Cell::text)
            .maybe("ordering key", self.ordering_key.as_ref(), Cell::text)
            .maybe("subject", self.subject.as_ref(), Cell::text)
            .maybe("revision", self.revision, Cell::number)
            .maybe("correlation id", self.correlation_id.as_ref(), Cell::text)
            .maybe("progress", self.progress.as_ref(), |progress| {
                let percent = progress.percent.map(|percent| format!("{percent} %"));
                let parts: Vec<_> = percent.into_iter().chain(progress.note.clone()).collect();
                Cell::text(parts.join(", "))
            })
            .maybe("error class", failure, |failure| {
                Cell::toned(&failure.error_class, Tone::Bad)
            })
            .maybe("error", failure, |failure| Cell::text(&failure.message))
            .maybe("first failed", failure, |failure| {
                Cell::Time(failure.first_at.0)
            })
            .maybe("last failed", failure, |failure| {
                Cell::Time(failure.last_at.0)
            })
            .maybe("finished", self.finished_at, |at| Cell::Time(at.0))
            .field("fence", Cell::number(self.fence))
            .field("payload", Cell::text(self.payload.summary()))
            .maybe("result", self.result.as_ref(), |result| {
                Cell::text(result.summary())
            })
    }

    /// What comes last, where it was asked for.
    pub(crate) fn blocks(&self, sheet: Sheet) -> Sheet {
        let headers = self.headers.iter().flat_map(Headers::iter);
        let rows = headers.map(|(name, value)| vec![Cell::text(name), Cell::text(value)]);
        sheet
            .table("headers", &["header", "value"], rows.collect())
            .block("payload content", self.payload.text())
            .block(
                "result content",
                self.result.as_ref().and_then(PayloadItem::text),
            )
    }
}

impl Row for JobItem {
    const COLUMNS: &'static [&'static str] = &[
        "job",
        "state",
        "queue",
        "kind",
        "stage",
        "attempt",
        "created",
        "due",
        "held by",
        "tenant",
        "error class",
        "error",
    ];

    fn cells(&self) -> Vec<Cell> {
        let failure = self.failure.as_ref();
        vec![
            Cell::number(self.id),
            Cell::toned(self.state, tone(self.state)),
            Cell::text(&self.queue),
            Cell::text(&self.kind),
            Cell::text(&self.stage),
            Cell::number(format!("{}/{}", self.attempt, self.max_attempts).as_str()),
            Cell::Time(self.created_at.0),
            Cell::Time(self.run_at.0),
            Cell::maybe(self.held_by.as_ref(), Cell::text),
            Cell::maybe(self.tenant.as_ref(), Cell::text),
            Cell::maybe(failure, |failure| Cell::text(&failure.error_class)),
            Cell::maybe(failure, |failure| Cell::text(&failure.message)),
        ]
    }
}

fn tone(state: &str) -> Tone {
    match state {
        state if state == JobState::Dead.as_str() => Tone::Bad,
        state if state == JobState::Succeeded.as_str() => Tone::Good,
        state if state == JobState::AwaitingDelivery.as_str() => Tone::Wait,
        _ => Tone::Plain,
    }
}
