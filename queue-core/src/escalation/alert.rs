//! What an escalation says: the message of its notifications.

use serde::{Deserialize, Serialize};

use super::{Severity, Signal};
use crate::{Payload, Timestamp};

/// The content type of an [`Alert`].
pub const ALERT: &str = "application/vnd.leasehold.alert+json";

/// Whether something is wrong, or right again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertAction {
    /// It is wrong.
    Trigger,
    /// It is right again.
    Resolve,
}

/// What an escalation says. Channels for pagers and tickets make their own form of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Whether something is wrong, or right again.
    pub action: AlertAction,
    /// What it is about: the same when it is right again.
    pub key: String,
    /// The how many-th time that it is wrong.
    pub episode: i64,
    /// Which rule.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// In one line.
    pub summary: String,
    /// What happened.
    pub signal: Signal,
    /// How often, within the rule's time.
    pub count: usize,
    /// When.
    pub at: Timestamp,
}

impl Alert {
    /// As a message.
    #[must_use]
    pub fn to_payload(&self) -> Payload {
        // Texts and numbers only: all of it can be written, and it is short.
        let json = serde_json::to_vec(self).unwrap_or_default();
        Payload::stored(json, ALERT, 1)
    }

    /// From a message, if it is one.
    #[must_use]
    pub fn of(payload: &Payload) -> Option<Self> {
        (payload.content_type() == ALERT)
            .then(|| serde_json::from_slice(payload.bytes()).ok())
            .flatten()
    }
}
