//! A mail as JSON, written when it is stored.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Intent, InvalidPayload, Payload};

/// A mail as many APIs take it. It is written once, when it is stored; another form is a JSON payload too.
///
/// ```
/// use queue_core::channel::ApiMail;
/// # use queue_core::{ChannelName, Intent, Purpose, Recipient, Revision, Subject};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let intent = Intent {
/// #     channel: ChannelName::new("email")?,
/// #     purpose: Purpose::new("invoice")?,
/// #     subject: Subject::new("order:42")?,
/// #     recipient: Recipient::new("ada@example.org")?,
/// #     revision: Revision::new(1),
/// # };
/// let mail = ApiMail::new(&intent, "Shop <shop@example.org>", "Your invoice").text("Dear Ada, …");
/// let message = mail.to_payload()?;
/// let json: serde_json::Value = message.read()?;
/// assert_eq!(json["to"], "ada@example.org");
/// assert_eq!(json["metadata"]["leasehold_key"], intent.provider_key());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApiMail {
    from: String,
    to: String,
    subject: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    metadata: BTreeMap<String, String>,
}

impl ApiMail {
    /// A mail to the intent's recipient. Its metadata has our key as `leasehold_key`, to search by.
    #[must_use]
    pub fn new(intent: &Intent, from: impl Into<String>, subject: impl Into<String>) -> Self {
        Self {
            from: from.into(),
            to: intent.recipient.as_str().to_owned(),
            subject: subject.into(),
            text: None,
            html: None,
            headers: BTreeMap::new(),
            metadata: BTreeMap::from([("leasehold_key".to_owned(), intent.provider_key())]),
        }
    }

    /// Its text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Its text as HTML.
    #[must_use]
    pub fn html(mut self, html: impl Into<String>) -> Self {
        self.html = Some(html.into());
        self
    }

    /// A header of the mail.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// What the provider keeps with it.
    #[must_use]
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// As a message to be stored.
    pub fn to_payload(&self) -> Result<Payload, InvalidPayload> {
        Payload::json(self)
    }
}
