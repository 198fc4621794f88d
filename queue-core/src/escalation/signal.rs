//! What can be escalated.

use serde::{Deserialize, Serialize};

use crate::{ChannelName, ErrorClass, KindName, QueueName};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth a look in working hours.
    Warning,
    /// Something stopped and waits for an operator.
    Error,
    /// It goes on getting worse until somebody acts.
    Critical,
}

impl Severity {
    /// Its name in JSON and in configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A job became a dead letter.
    JobDied,
    /// A job that was replayed died of the same again: what was thought to be mended is not.
    JobDiedAgain,
    /// A notification failed for good.
    NotificationFailed,
    /// A notification stays in doubt: only an operator can tell.
    DoubtHeld,
    /// A channel was paused, since the provider takes nothing from us.
    ChannelPaused,
    /// A provider denies a message that was marked as sent.
    OrderingViolated,
}

impl Event {
    /// Its name in JSON and in configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::JobDied => "job_died",
            Self::JobDiedAgain => "job_died_again",
            Self::NotificationFailed => "notification_failed",
            Self::DoubtHeld => "doubt_held",
            Self::ChannelPaused => "channel_paused",
            Self::OrderingViolated => "ordering_violated",
        }
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::DoubtHeld => Severity::Warning,
            Self::JobDied | Self::JobDiedAgain | Self::NotificationFailed => Severity::Error,
            Self::ChannelPaused | Self::OrderingViolated => Severity::Critical,
        }
    }
}

/// What happened, where, and of which class: what rules look at. It names no person, and prints itself in one
/// line.
///
/// ```
/// use queue_core::{ChannelName, ErrorClass, Event, Signal};
/// let email = ChannelName::new("email").unwrap();
/// let signal = Signal::on_channel(Event::ChannelPaused, email, ErrorClass::sender_refused());
/// assert_eq!(signal.to_string(), "channel_paused: SENDER_REFUSED, channel email");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Signal {
    /// What happened.
    pub event: Event,
    /// In which queue, for a job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<QueueName>,
    /// To which kind of job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<KindName>,
    /// On which channel, for a notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<ChannelName>,
    /// Of which class.
    pub class: ErrorClass,
}

impl Signal {
    /// A job died.
    #[must_use]
    pub fn job_died(queue: QueueName, kind: KindName, class: ErrorClass) -> Self {
        Self {
            event: Event::JobDied,
            queue: Some(queue),
            kind: Some(kind),
            channel: None,
            class,
        }
    }

    /// The same, when it died of the same again after a replay.
    #[must_use]
    pub fn again(self) -> Self {
        Self {
            event: Event::JobDiedAgain,
            ..self
        }
    }

    /// Something happened to a notification or to its channel.
    #[must_use]
    pub fn on_channel(event: Event, channel: ChannelName, class: ErrorClass) -> Self {
        Self {
            event,
            queue: None,
            kind: None,
            channel: Some(channel),
            class,
        }
    }

    /// What it is about, part by part.
    fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let queue = self.queue.as_ref().map(|name| ("queue", name.as_str()));
        let kind = self.kind.as_ref().map(|name| ("kind", name.as_str()));
        let channel = self.channel.as_ref().map(|name| ("channel", name.as_str()));
        queue.into_iter().chain(kind).chain(channel)
    }
}

impl std::fmt::Display for Signal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.event.as_str(), self.class)?;
        self.parts()
            .try_for_each(|(what, name)| write!(f, ", {what} {name}"))
    }
}
