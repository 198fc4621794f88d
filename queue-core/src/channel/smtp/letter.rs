//! What is handed over: bytes, and the one address they go to.

use std::borrow::Cow;

use lettre::Address;

use super::alert;
use crate::Recipient;
use crate::channel::smtp::RFC822;
use crate::channel::{Outgoing, SendError};
use crate::escalation::Alert;

/// A message in the form in which it goes over the wire, but for the dots.
pub(super) struct Letter<'a> {
    pub(super) recipient: &'a Recipient,
    pub(super) to: Address,
    content: Cow<'a, [u8]>,
    ascii: bool,
}

impl<'a> Letter<'a> {
    pub(super) fn of(message: &'a Outgoing, sender: &Address) -> Result<Self, SendError> {
        let to: Address = message
            .recipient()
            .as_str()
            .parse()
            .map_err(|error: lettre::address::AddressError| {
                SendError::message_refused(format!(
                    "the recipient is no mail address ({error}): it has to be like ada@example.org, \
                     without a name"
                ))
            })?;
        let payload = message.payload();
        let content = if is_message(payload.content_type()) {
            Cow::Borrowed(payload.bytes().as_ref())
        } else if let Some(alert) = Alert::of(payload) {
            Cow::Owned(alert::render(&alert, message, sender, &to)?)
        } else {
            return Err(SendError::message_unsupported(format!(
                "a payload of type {} is no mail: render it with channel::Mail, or store a message \
                 as {RFC822}",
                payload.content_type()
            )));
        };
        if content.is_empty() {
            return Err(SendError::message_unsupported(
                "the message is empty: a mail has headers at least",
            ));
        }
        if let Some(place) = bare_line_break(&content) {
            return Err(SendError::message_unsupported(format!(
                "byte {place} of the message is a CR or LF of its own: lines of a mail end with CRLF \
                 (channel::Mail renders them so)"
            )));
        }
        Ok(Self {
            recipient: message.recipient(),
            to,
            ascii: content.is_ascii(),
            content,
        })
    }

    /// How many bytes it has, as MAIL tells them.
    pub(super) fn size(&self) -> usize {
        self.content.len()
    }

    pub(super) fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// Without the CRLF at its end: that comes with the final dot, and must not come twice.
    pub(super) fn body(&self) -> &[u8] {
        self.content.strip_suffix(b"\r\n").unwrap_or(&self.content)
    }
}

/// Whether a content type is that of a rendered mail.
fn is_message(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(RFC822)
}

/// Where a CR or LF is without the other.
///
/// Such a message is refused, and not mended: mended it would not be what was stored (nor what was
/// signed), and unmended it is an attack. Relays disagree on whether `LF . CRLF` ends a message, and what
/// comes after it in the text is then taken for commands (SMTP smuggling).
fn bare_line_break(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    let mut start = 0;
    while let Some(next) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        if rest.get(next..next + 2) != Some(b"\r\n") {
            return Some(start + next);
        }
        start += next + 2;
        rest = rest.get(next + 2..).unwrap_or_default();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_come_in_pairs() {
        for fine in ["", "a", "a\r\n", "\r\n\r\n", "a\r\n.\r\nb"] {
            assert_eq!(bare_line_break(fine.as_bytes()), None, "{fine:?}");
        }
        for (bad, place) in [
            ("a\n", 1),
            ("\r", 0),
            ("a\r\n\n", 3),
            ("a\r\r\n", 1),
            ("a\r\n.\rb", 4),
        ] {
            assert_eq!(bare_line_break(bad.as_bytes()), Some(place), "{bad:?}");
        }
    }

    #[test]
    fn a_content_type_may_have_parameters() {
        for yes in [
            "message/rfc822",
            "Message/RFC822",
            "message/rfc822; charset=utf-8",
        ] {
            assert!(is_message(yes), "{yes}");
        }
        assert!(!is_message("text/plain"));
    }
}
