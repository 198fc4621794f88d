//! A message as NATS gets it.

use async_nats::HeaderMap;
use async_nats::header::{HeaderValue, NATS_EXPECTED_STREAM, NATS_MESSAGE_ID};
use bytes::Bytes;

use super::builder::{Settings, Target};
use crate::Recipient;
use crate::channel::{Outgoing, SendError};

/// What is published, and where.
#[derive(Debug)]
pub(super) struct Publication<'a> {
    pub(super) subject: String,
    /// Whether the subject comes from the message, or from our settings.
    pub(super) subject_is_of_message: bool,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) recipient: &'a Recipient,
}

impl<'a> Publication<'a> {
    pub(super) fn of(message: &'a Outgoing, settings: &Settings) -> Result<Self, SendError> {
        let intent = message.intent();
        let recipient = message.recipient();
        let subject = match &settings.target {
            Target::Fixed(subject) => subject.clone(),
            Target::Recipient => recipient.as_str().to_owned(),
            Target::Under(prefix) => format!("{prefix}.{}", recipient.as_str()),
        };
        check_subject(&subject).map_err(|problem| {
            SendError::message_unsupported(format!("no subject by this recipient: {problem}"))
        })?;
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, value(message.key())?);
        if let Some(stream) = &settings.stream {
            headers.insert(NATS_EXPECTED_STREAM, value(stream)?);
        }
        let content_type = message.payload().content_type();
        headers.insert("Content-Type", value(content_type)?);
        headers.insert("Purpose", value(intent.purpose.as_str())?);
        headers.insert("Subject", value(intent.subject.as_str())?);
        headers.insert("Revision", HeaderValue::from(intent.revision.get()));
        Ok(Self {
            subject,
            subject_is_of_message: !matches!(settings.target, Target::Fixed(_)),
            headers,
            body: message.payload().bytes().clone(),
            recipient,
        })
    }
}

fn value(text: &str) -> Result<HeaderValue, SendError> {
    text.parse()
        .map_err(|_| SendError::message_unsupported("a header cannot hold a text of this message"))
}

/// Whether messages can be published there. A recipient is what somebody wrote into a form: it must not
/// reach the server's own subjects, by which streams are deleted.
pub(super) fn check_subject(subject: &str) -> Result<(), &'static str> {
    if subject.starts_with('$') || subject.starts_with("_INBOX.") {
        return Err("a subject is one of the server's own");
    }
    if subject.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("a subject has white space in it");
    }
    for token in subject.split('.') {
        match token {
            "" => return Err("a subject has an empty part"),
            "*" | ">" => return Err("a subject is a wildcard"),
            _ => {}
        }
    }
    Ok(())
}
