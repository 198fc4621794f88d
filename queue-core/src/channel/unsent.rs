//! How a send fails: what is known of the message afterwards.

use std::time::Duration;

use crate::channel::GateShut;
use crate::{ErrorClass, Failure};

/// Whose fault a refusal for good is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// This message's: too big, not what the channel sends. The row stops.
    Message,
    /// The recipient's: there is none under that address. The row stops, and the address is suppressed.
    Recipient,
    /// Ours: not allowed, blocked, credentials refused. The channel is paused and the row waits.
    Sender,
}

/// Why a message was not sent, or may not have been.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The far side has not taken it, which is certain; another attempt can help.
    #[error("{}: {}", .0.class, .0.message)]
    NotTaken(Failure),
    /// The far side refused it for good, which is certain.
    #[error("{}: {}", failure.class, failure.message)]
    Refused {
        /// Whose fault that is.
        fault: Fault,
        /// What it said.
        failure: Failure,
    },
    /// The far side may have taken it, or not.
    #[error("{}: {}", .0.class, .0.message)]
    Unknown(Failure),
    /// It was stopped at the gate, and is not sent.
    #[error(transparent)]
    Stopped(#[from] GateShut),
}

/// The failures that channels have in common; a text says what the far side answered, without secrets
/// and without the recipient's address.
impl SendError {
    /// The far side could not be reached: not sent.
    pub fn unreachable(text: impl Into<String>) -> Self {
        Self::NotTaken(Failure::retryable(ErrorClass::network_unreachable(), text))
    }

    /// This process is not ready to send: a secret cannot be read just now, say. Not sent, and others may.
    pub fn not_ready(text: impl Into<String>) -> Self {
        Self::NotTaken(Failure::retryable(ErrorClass::unclassified(), text))
    }

    /// The far side did not answer in time, before it could have taken the message: not sent.
    pub fn timed_out(text: impl Into<String>) -> Self {
        Self::NotTaken(Failure::retryable(ErrorClass::network_timeout(), text))
    }

    /// The far side asks to come back later: not taken.
    pub fn busy(text: impl Into<String>, retry_after: Option<Duration>) -> Self {
        let failure = Failure::retryable(ErrorClass::provider_busy(), text);
        Self::NotTaken(match retry_after {
            Some(wait) => failure.retry_after(wait),
            None => failure,
        })
    }

    /// The answer was lost after the message may have been taken.
    pub fn reply_lost(text: impl Into<String>) -> Self {
        Self::Unknown(Failure::retryable(ErrorClass::reply_lost(), text))
    }

    /// The far side takes no such message.
    pub fn message_refused(text: impl Into<String>) -> Self {
        Self::refused(Fault::Message, ErrorClass::message_refused(), text)
    }

    /// The stored message is not what this channel sends.
    pub fn message_unsupported(text: impl Into<String>) -> Self {
        Self::refused(Fault::Message, ErrorClass::message_unsupported(), text)
    }

    /// The channel must not speak to that target.
    pub fn target_forbidden(text: impl Into<String>) -> Self {
        Self::refused(Fault::Message, ErrorClass::target_forbidden(), text)
    }

    /// There is no such recipient.
    pub fn recipient_refused(text: impl Into<String>) -> Self {
        Self::refused(Fault::Recipient, ErrorClass::recipient_refused(), text)
    }

    /// The far side does not take anything from us.
    pub fn sender_refused(text: impl Into<String>) -> Self {
        Self::refused(Fault::Sender, ErrorClass::sender_refused(), text)
    }

    fn refused(fault: Fault, class: ErrorClass, text: impl Into<String>) -> Self {
        let failure = Failure::permanent(class, text);
        Self::Refused { fault, failure }
    }

    /// What went wrong, if something did beyond the gate being shut.
    #[must_use]
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::NotTaken(failure) | Self::Refused { failure, .. } | Self::Unknown(failure) => {
                Some(failure)
            }
            Self::Stopped(_) => None,
        }
    }
}
