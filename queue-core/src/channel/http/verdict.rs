//! What an answer, or the lack of one, means for the message.

use super::Answer;
use super::client::Unanswered;
use crate::channel::SendError;

/// Whose the endpoint is: it decides whose fault some answers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// The recipient's: that it lets nobody in, or is gone, is its own business.
    #[cfg_attr(not(feature = "webhook"), expect(dead_code, reason = "webhooks only"))]
    Recipient,
    /// A provider's, the same for all messages: that it does not let us in concerns all of them.
    #[cfg_attr(not(feature = "provider"), expect(dead_code, reason = "not webhooks"))]
    Provider,
}

/// Whether the message was taken; `hide` makes texts readable.
///
/// | status | |
/// |---|---|
/// | 2xx | taken |
/// | 408, 425, 429, 503 | not taken, busy |
/// | 401, 402, 403, 410 | a provider: our fault; a recipient: the message is refused, at 410 the recipient |
/// | 3xx, other 4xx | the message is refused |
/// | anything else | nobody knows: a proxy says 502 as well when the request has arrived |
pub(crate) fn judge(
    answer: &Answer,
    target: Target,
    hide: impl Fn(&str) -> String,
) -> Result<(), SendError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let said = hide(&answer.text());
    let text = if said.is_empty() {
        status.to_string()
    } else {
        format!("{status}: {said}")
    };
    Err(match (status.as_u16(), target) {
        (408 | 425 | 429 | 503, _) => SendError::busy(text, answer.retry_after()),
        (401..=403 | 410, Target::Provider) => SendError::sender_refused(text),
        (410, Target::Recipient) => SendError::recipient_refused(text),
        (300..=399, _) => SendError::message_refused(format!("redirects are not followed: {text}")),
        (400..=499, _) => SendError::message_refused(text),
        _ => SendError::reply_lost(text),
    })
}

impl Unanswered {
    /// What follows for the message; `hide` makes texts readable.
    pub(crate) fn into_error(self, hide: impl Fn(&str) -> String) -> SendError {
        match self {
            Self::Forbidden(text) => SendError::target_forbidden(hide(&text)),
            Self::Unconnected {
                text,
                timeout: true,
            } => SendError::timed_out(hide(&text)),
            Self::Unconnected {
                text,
                timeout: false,
            } => SendError::unreachable(hide(&text)),
            Self::Lost(text) => SendError::reply_lost(hide(&text)),
        }
    }
}
