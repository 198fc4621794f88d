//! A message as it is written.

use queue_core::{DeliveryEvent, Notification, NotificationState, Recipient};
use serde::Serialize;

use crate::moment::Time;
use crate::payload::PayloadItem;
use crate::report::{Row, Sheet};
use crate::style::Tone;
use crate::table::Cell;

#[derive(Debug, Serialize)]
pub(super) struct NotificationItem {
    id: i64,
    state: &'static str,
    channel: String,
    purpose: String,
    subject: String,
    revision: i64,
    recipient: String,
    redirected_to: Option<String>,
    job: Option<i64>,
    attempt: u16,
    run_at: Time,
    phase: &'static str,
    perhaps_taken: bool,
    lease_expires_at: Option<Time>,
    first_attempt_at: Option<Time>,
    notified_at: Option<Time>,
    doubted_at: Option<Time>,
    look_at: Option<Time>,
    looks: u16,
    provider_id: Option<String>,
    provider_key: String,
    error_class: Option<String>,
    error: Option<String>,
    created_at: Time,
    fence: i64,
    intact: bool,
    message: PayloadItem,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<EventItem>>,
}

/// Something that happened to it on its way.
#[derive(Debug, Serialize)]
struct EventItem {
    at: Time,
    attempt: u16,
    phase: &'static str,
    state: &'static str,
    error_class: Option<String>,
    error: Option<String>,
}

impl From<&DeliveryEvent> for EventItem {
    fn from(event: &DeliveryEvent) -> Self {
        let (error_class, error) = failure(event.failure.as_ref());
        Self {
            at: Time(event.at),
            attempt: event.attempt,
            phase: event.phase.as_str(),
            state: event.state.as_str(),
            error_class,
            error,
        }
    }
}

/// What is shown beyond what everybody may see.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Unveil {
    pub(super) addresses: bool,
    pub(super) message: bool,
}

impl NotificationItem {
    pub(super) fn of(row: &Notification, unveil: Unveil) -> Self {
        let address = |recipient: &Recipient| {
            if unveil.addresses {
                recipient.as_str().to_owned()
            } else {
                recipient.to_string()
            }
        };
        let (error_class, error) = failure(row.failure.as_ref());
        Self {
            id: row.id.get(),
            state: row.state.as_str(),
            channel: row.intent.channel.to_string(),
            purpose: row.intent.purpose.to_string(),
            subject: row.intent.subject.to_string(),
            revision: row.intent.revision.get(),
            recipient: address(&row.intent.recipient),
            redirected_to: row.redirected_to.as_ref().map(address),
            job: row.job.map(queue_core::JobId::get),
            attempt: row.attempt,
            run_at: Time(row.run_at),
            phase: row.phase.as_str(),
            perhaps_taken: row.perhaps_taken,
            lease_expires_at: row.lease_expires_at.map(Time),
            first_attempt_at: row.first_attempt_at.map(Time),
            notified_at: row.notified_at.map(Time),
            doubted_at: row.doubted_at.map(Time),
            look_at: row.look_at.map(Time),
            looks: row.looks,
            provider_id: row.provider_id.as_ref().map(ToString::to_string),
            provider_key: row.provider_key.clone(),
            error_class,
            error,
            created_at: Time(row.created_at),
            fence: row.fence.get(),
            intact: row.is_intact(),
            message: PayloadItem::of(&row.message, unveil.message),
            events: None,
        }
    }

    pub(super) fn with_events(mut self, events: &[DeliveryEvent]) -> Self {
        self.events = Some(events.iter().map(EventItem::from).collect());
        self
    }

    pub(super) fn sheet(&self) -> Sheet {
        let events = self.events.iter().flatten().map(|event| {
            vec![
                Cell::Time(event.at.0),
                Cell::number(event.attempt),
                Cell::word(event.phase),
                Cell::toned(event.state, tone(event.state)),
                Cell::maybe(event.error_class.as_ref(), Cell::text),
                Cell::maybe(event.error.as_ref(), Cell::text),
            ]
        });
        let time = |at: Time| Cell::Time(at.0);
        Sheet::default()
            .field("notification", Cell::number(self.id))
            .field("state", Cell::toned(self.state, tone(self.state)))
            .field("channel", Cell::text(&self.channel))
            .field("purpose", Cell::text(&self.purpose))
            .field("subject", Cell::text(&self.subject))
            .field("revision", Cell::number(self.revision))
            .field("recipient", Cell::text(&self.recipient))
            .maybe("redirected to", self.redirected_to.as_ref(), Cell::text)
            .maybe("job", self.job, Cell::number)
            .field("attempt", Cell::number(self.attempt))
            .field("phase", Cell::word(phase(self.phase)))
            .field("due", time(self.run_at))
            .field("created", time(self.created_at))
            .maybe("first attempt", self.first_attempt_at, time)
            .maybe("lease until", self.lease_expires_at, time)
            .maybe("in doubt since", self.doubted_at, time)
            .maybe("asked at next", self.look_at, time)
            .field("asked", Cell::text(format!("{} times", self.looks)))
            .maybe("sent", self.notified_at, time)
            .maybe("provider id", self.provider_id.as_ref(), Cell::text)
            .field("provider key", Cell::text(&self.provider_key))
            .maybe("perhaps taken", self.perhaps_taken.then_some(()), |()| {
                Cell::text("an earlier attempt may have been taken")
            })
            .maybe("error class", self.error_class.as_ref(), |class| {
                Cell::toned(class, Tone::Bad)
            })
            .maybe("error", self.error.as_ref(), Cell::text)
            .field("fence", Cell::number(self.fence))
            .field("message", Cell::text(self.message.summary()))
            .maybe("changed", (!self.intact).then_some(()), |()| {
                Cell::toned("the message is not what was stored", Tone::Bad)
            })
            .table(
                "events",
                &["at", "attempt", "phase", "led to", "error class", "error"],
                events.collect(),
            )
            .block("message content", self.message.text())
    }
}

impl Row for NotificationItem {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "state",
        "channel",
        "purpose",
        "subject",
        "recipient",
        "job",
        "attempt",
        "due",
        "error class",
        "error",
    ];

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::number(self.id),
            Cell::toned(self.state, tone(self.state)),
            Cell::text(&self.channel),
            Cell::text(&self.purpose),
            Cell::text(&self.subject),
            Cell::text(self.redirected_to.as_ref().unwrap_or(&self.recipient)),
            Cell::maybe(self.job, Cell::number),
            Cell::number(self.attempt),
            Cell::Time(self.run_at.0),
            Cell::maybe(self.error_class.as_ref(), Cell::text),
            Cell::maybe(self.error.as_ref(), Cell::text),
        ]
    }
}

fn failure(failure: Option<&(queue_core::ErrorClass, String)>) -> (Option<String>, Option<String>) {
    failure
        .map(|(class, text)| (class.to_string(), text.clone()))
        .unzip()
}

/// What a phase proves.
fn phase(phase: &str) -> &str {
    match phase {
        "leased" => "leased: nothing had left",
        "connecting" => "connecting: the far side had not seen the message",
        "committing" => "committing: the far side may have taken it",
        other => other,
    }
}

fn tone(state: &str) -> Tone {
    let is = |one: NotificationState| state == one.as_str();
    if is(NotificationState::Failed) || is(NotificationState::InDoubt) {
        Tone::Bad
    } else if is(NotificationState::Sent) {
        Tone::Good
    } else {
        Tone::Plain
    }
}
