//! Recipients that get nothing: addresses that do not exist, endpoints that are gone, people who said so.

use std::time::Duration;

use crate::{ChannelName, ErrorClass, Recipient, Timestamp};

/// For how long a recipient is suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuppressFor {
    /// Until an operator takes it off the list.
    Ever,
    /// For so long.
    Span(Duration),
}

impl SuppressFor {
    /// When it ends, if it does.
    #[must_use]
    pub fn until(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Ever => None,
            Self::Span(span) => Some(now + span),
        }
    }
}

/// A recipient to be put on the list of a channel. One that is there already is replaced.
///
/// ```
/// use queue_core::{ChannelName, ErrorClass, NewSuppression, Recipient, SuppressFor};
/// # fn main() -> Result<(), queue_core::InvalidName> {
/// let email = ChannelName::new("email")?;
/// let left = Recipient::new("ada@example.org")?;
/// let reason = ErrorClass::new("ASKED_FOR_IT")?;
/// let suppression = NewSuppression::new(email, left, reason, "OPS-17", SuppressFor::Ever);
/// assert_eq!(suppression.evidence, "OPS-17");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewSuppression {
    /// Through which channel it gets nothing.
    pub channel: ChannelName,
    /// Who.
    pub recipient: Recipient,
    /// Why: the class of the failure, or an operator's.
    pub reason: ErrorClass,
    /// What was seen: the provider's words, a ticket.
    pub evidence: String,
    /// For how long.
    pub lasts: SuppressFor,
}

impl NewSuppression {
    /// Who gets nothing through which channel, why, by what evidence and for how long.
    pub fn new(
        channel: ChannelName,
        recipient: Recipient,
        reason: ErrorClass,
        evidence: impl Into<String>,
        lasts: SuppressFor,
    ) -> Self {
        Self {
            channel,
            recipient,
            reason,
            // Postgres has no NUL.
            evidence: evidence.into().replace('\0', "\u{fffd}"),
            lasts,
        }
    }
}

/// A recipient on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// Its number, for pages.
    pub id: i64,
    /// Through which channel it gets nothing.
    pub channel: ChannelName,
    /// Who.
    pub recipient: Recipient,
    /// Why.
    pub reason: ErrorClass,
    /// Who put it there: `notification:17`, or an operator.
    pub origin: String,
    /// What was seen.
    pub evidence: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when, if it ends.
    pub expires_at: Option<Timestamp>,
}

/// A channel as all processes see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelState {
    /// Its name.
    pub channel: ChannelName,
    /// Whether nothing is sent through it.
    pub paused: bool,
    /// Who said so last.
    pub by: crate::Actor,
    /// Why.
    pub reason: String,
    /// When.
    pub since: Timestamp,
}
