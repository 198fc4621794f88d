//! What the broker's answers mean for the message.

use lapin::protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError};
use lapin::{Confirmation, Error, ErrorKind};

use crate::channel::{Receipt, SendError};

/// Takes out of a text what must not be read.
type Hide<'a> = &'a dyn Fn(&str) -> String;

/// The broker answered a message.
pub(super) fn confirmed(confirmation: Confirmation, hide: Hide<'_>) -> Result<Receipt, SendError> {
    match confirmation {
        // A returned message is confirmed as well: the broker is done with it.
        Confirmation::Ack(Some(returned)) | Confirmation::Nack(Some(returned)) => {
            let (code, text) = (returned.reply_code, returned.reply_text.as_str());
            let said = format!("returned by the broker: {code} {text}");
            Err(SendError::message_refused(hide(&said)))
        }
        Confirmation::Ack(None) => Ok(Receipt::none()),
        Confirmation::Nack(None) => Err(SendError::busy("rejected by a queue that is full", None)),
        Confirmation::NotRequested => Err(SendError::reply_lost("the broker confirms nothing")),
    }
}

/// A message was handed over, and then something broke.
pub(super) fn not_confirmed(error: &Error, hide: Hide<'_>) -> SendError {
    let text = hide(&error.to_string());
    match closed_with(error) {
        // The broker closed the channel over the one message that was on it.
        Some(AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED | AMQPSoftError::NOTFOUND)) => {
            SendError::sender_refused(text)
        }
        Some(AMQPErrorKind::Soft(
            AMQPSoftError::CONTENTTOOLARGE | AMQPSoftError::PRECONDITIONFAILED,
        )) => SendError::message_refused(text),
        // Also where the client says that it could not write: of what is encrypted, an end can be
        // missing behind a message that is complete.
        _ => SendError::reply_lost(text),
    }
}

/// There is no connection.
pub(super) fn not_connected(error: &Error, hide: Hide<'_>) -> SendError {
    let text = hide(&error.to_string());
    let refused = match error.kind() {
        ErrorKind::AuthProviderError(_) => true,
        _ => matches!(
            closed_with(error),
            Some(
                AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED)
                    | AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED | AMQPHardError::INVALIDPATH)
            )
        ),
    };
    if refused {
        SendError::sender_refused(text)
    } else {
        SendError::unreachable(text)
    }
}

/// The connection gave no channel.
pub(super) fn no_channel(error: &Error, hide: Hide<'_>) -> SendError {
    let text = hide(&error.to_string());
    match error.kind() {
        ErrorKind::ChannelsLimitReached => SendError::busy(text, None),
        _ => SendError::unreachable(text),
    }
}

/// What the broker closed a channel or the connection with.
fn closed_with(error: &Error) -> Option<&AMQPErrorKind> {
    match error.kind() {
        ErrorKind::ProtocolError(error) => Some(error.kind()),
        _ => None,
    }
}
