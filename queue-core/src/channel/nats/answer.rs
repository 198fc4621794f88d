//! What the server's answers mean for the message.

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use async_nats::{ConnectError, ConnectErrorKind};

use crate::Recipient;
use crate::channel::{Receipt, Redactor, SendError};

/// Takes out of a text what must not be read.
type Hide<'a> = &'a dyn Fn(&str) -> String;

/// The code of what may work later: no room, no leader, not ready.
const UNAVAILABLE: usize = 503;
/// The code where another attempt with the same id is on its way.
const CONFLICT: usize = 409;

/// The stream answered a message.
pub(super) fn stored(answer: &[u8], hide: Hide<'_>) -> Result<Receipt, SendError> {
    match serde_json::from_slice(answer) {
        // One that it had already is one that it has.
        Ok(Response::Ok(PublishAck {
            stream, sequence, ..
        })) => Ok(Receipt::with_id(&format!("{stream}:{sequence}"))),
        Ok(Response::Err { error }) => {
            let text = hide(&error.to_string());
            Err(match (error.code(), error.error_code()) {
                (_, ErrorCode::STREAM_NOT_MATCH | ErrorCode::STREAM_SEALED) => {
                    SendError::sender_refused(text)
                }
                (UNAVAILABLE | CONFLICT, _) => SendError::busy(text, None),
                _ => SendError::message_refused(text),
            })
        }
        // Somebody listens there who is no stream.
        Err(_) => Err(SendError::reply_lost("what answered is not a stream")),
    }
}

/// There is no connection.
pub(super) fn not_connected(error: &ConnectError, hide: Hide<'_>) -> SendError {
    let text = hide(&error.to_string());
    match error.kind() {
        ConnectErrorKind::AuthorizationViolation
        | ConnectErrorKind::Authentication
        | ConnectErrorKind::ServerParse => SendError::sender_refused(text),
        ConnectErrorKind::TimedOut => SendError::timed_out(text),
        _ => SendError::unreachable(text),
    }
}

/// For what is said before there is a recipient.
pub(super) fn hide(redactor: &Redactor, text: &str) -> String {
    match Recipient::new("-") {
        Ok(nobody) => redactor.text(text, &nobody),
        Err(_) => String::new(),
    }
}
