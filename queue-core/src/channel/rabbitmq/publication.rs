//! A message as RabbitMQ gets it.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};

use super::builder::{Route, Settings};
use crate::Recipient;
use crate::channel::{Outgoing, SendError};

/// So many bytes have the protocol's short texts. The client writes no longer ones, and breaks the
/// connection instead.
pub(super) const MAX_SHORT: usize = 255;

/// Survives a restart of the broker.
const PERSISTENT: u8 = 2;

/// What is published, and how.
#[derive(Debug)]
pub(super) struct Publication<'a> {
    pub(super) exchange: ShortString,
    pub(super) routing_key: ShortString,
    pub(super) properties: BasicProperties,
    pub(super) body: &'a [u8],
    pub(super) recipient: &'a Recipient,
}

impl<'a> Publication<'a> {
    pub(super) fn of(message: &'a Outgoing, settings: &Settings) -> Result<Self, SendError> {
        let intent = message.intent();
        let routing_key = match &settings.route {
            Route::Fixed(key) => short(key, "routing key")?,
            Route::Recipient => short(message.recipient().as_str(), "recipient")?,
        };
        let mut headers = FieldTable::default();
        let subject = LongString::from(intent.subject.as_str());
        headers.insert("subject".into(), AMQPValue::LongString(subject));
        headers.insert(
            "revision".into(),
            AMQPValue::LongLongInt(intent.revision.get()),
        );
        let seconds = message.created_at().as_micros().div_euclid(1_000_000);
        let properties = BasicProperties::default()
            .with_delivery_mode(PERSISTENT)
            .with_message_id(short(message.key(), "key")?)
            .with_content_type(short(message.payload().content_type(), "content type")?)
            .with_type(short(intent.purpose.as_str(), "purpose")?)
            .with_timestamp(u64::try_from(seconds).unwrap_or_default())
            .with_headers(headers);
        Ok(Self {
            exchange: settings.exchange.as_str().into(),
            routing_key,
            properties,
            body: message.body(),
            recipient: message.recipient(),
        })
    }
}

fn short(text: &str, what: &str) -> Result<ShortString, SendError> {
    if text.len() > MAX_SHORT {
        return Err(SendError::message_unsupported(format!(
            "the {what} is longer than the {MAX_SHORT} bytes that the protocol has for it"
        )));
    }
    Ok(text.into())
}
