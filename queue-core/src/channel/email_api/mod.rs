//! Mail through a provider's HTTP API.

mod builder;
mod mail;

use async_trait::async_trait;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::Value;

pub use builder::EmailApiBuilder;
pub use mail::ApiMail;

use super::http::endpoint::Endpoint;
use super::http::provider::Provider;
use super::http::{Answer, ReadySearch, pointer};
use super::{Capabilities, Channel, Gate, Idempotence, Lookup, Outgoing, Receipt, SendError};

/// Posts mail to a provider's API. The stored message is the request's body, byte for byte: see [`ApiMail`].
///
/// What the provider can do, it is told: whether a header makes a repeated key harmless, and for how long;
/// how it is asked whether it has a message; where its answer has its id.
///
/// ```no_run
/// use std::time::Duration;
/// use queue_core::channel::{Credential, EmailApiChannel, Search};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mail = EmailApiChannel::builder("https://api.example.org/v1/mails")
///     .credential(Credential::Bearer("credential:mail-token".parse()?))
///     .idempotency("Idempotency-Key", Duration::from_secs(24 * 3600))
///     .search(
///         Search::list("https://api.example.org/v1/mails?tag={key}", "/data")
///             .key_at("/metadata/leasehold_key")
///             .id_at("/id"),
///     )
///     .id_at("/id")
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct EmailApiChannel {
    provider: Provider,
    endpoint: Endpoint,
    key_header: Option<HeaderName>,
    idempotence: Idempotence,
    search: Option<ReadySearch>,
    recipient_at: Option<String>,
    id_at: Option<String>,
    id_header: Option<HeaderName>,
}

impl EmailApiChannel {
    /// Describes one that posts to that URL.
    #[must_use]
    pub fn builder(endpoint: impl Into<String>) -> EmailApiBuilder {
        EmailApiBuilder::new(endpoint.into())
    }

    /// An operator may have sent it elsewhere than where its body says: then it must be written anew.
    fn check(&self, message: &Outgoing) -> Result<(), SendError> {
        let content_type = message.payload().content_type();
        let is_json = content_type.split(';').next() == Some(crate::JSON);
        let mail: Value = is_json
            .then(|| message.payload().read().ok())
            .flatten()
            .ok_or_else(|| {
                SendError::message_unsupported(
                    "the stored message is no JSON: write what the provider's API takes, as ApiMail does",
                )
            })?;
        let Some(at) = &self.recipient_at else {
            return Ok(());
        };
        let to = mail.pointer(at).unwrap_or(&Value::Null);
        if names(to, message.recipient().as_str()) {
            return Ok(());
        }
        Err(SendError::message_unsupported(format!(
            "what the stored message has at {at} is not the notification's recipient: it would go to \
             somebody else"
        )))
    }

    fn id(&self, answer: &Answer) -> Option<String> {
        let from_header = self.id_header.as_ref().and_then(|name| answer.header(name));
        from_header.map(str::to_owned).or_else(|| {
            let at = self.id_at.as_ref()?;
            pointer::text_at(&answer.json()?, at)
        })
    }
}

/// Whether it is one recipient and no other: an address, alone, behind a name or as an object's `email`,
/// perhaps in a list.
fn names(to: &Value, recipient: &str) -> bool {
    match to {
        Value::String(text) => {
            let behind_name = text
                .strip_suffix('>')
                .and_then(|text| text.rsplit_once('<'));
            text == recipient || behind_name.is_some_and(|(_, address)| address == recipient)
        }
        Value::Array(list) => matches!(list.as_slice(), [one] if names(one, recipient)),
        Value::Object(members) => members.iter().any(|(name, value)| {
            let is_address = ["email", "address"].contains(&name.to_ascii_lowercase().as_str());
            is_address && value.as_str() == Some(recipient)
        }),
        _ => false,
    }
}

#[async_trait]
impl Channel for EmailApiChannel {
    fn capabilities(&self) -> Capabilities {
        let can = Capabilities::none().idempotent(self.idempotence);
        match &self.search {
            Some(search) => can.lookup_after(search.lag()),
            None => can,
        }
    }

    async fn send(&self, message: &Outgoing, gate: &mut Gate) -> Result<Receipt, SendError> {
        self.check(message)?;
        let key = HeaderValue::from_str(message.key())
            .map_err(|_| SendError::message_unsupported("its key is no header"))?;
        let headers = self.key_header.clone().map(|name| (name, key));
        let body = message.payload().bytes().clone();
        let answer = self
            .provider
            .post(self.endpoint.url(), headers, body, message, gate)
            .await?;
        Ok(self
            .id(&answer)
            .map_or_else(Receipt::none, |id| Receipt::with_id(&id)))
    }

    async fn lookup(&self, message: &Outgoing) -> Result<Lookup, SendError> {
        match &self.search {
            Some(search) => search.look(&self.provider, message).await,
            None => Ok(Lookup::CannotTell),
        }
    }
}
