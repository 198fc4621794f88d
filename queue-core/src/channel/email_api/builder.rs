//! How a provider of mail is spoken to.

use std::time::Duration;

use super::EmailApiChannel;
use crate::channel::http::endpoint::Endpoint;
use crate::channel::http::provider::Provider;
use crate::channel::http::url_text::UrlText;
use crate::channel::http::{header_name, pointer};
use crate::channel::{Credential, HttpOptions, Idempotence, InvalidHttp, Search};

/// Describes an [`EmailApiChannel`] channel.
#[derive(Debug)]
pub struct EmailApiBuilder {
    endpoint: UrlText,
    http: HttpOptions,
    credentials: Vec<Credential>,
    idempotency: Option<(String, Duration)>,
    search: Option<Search>,
    recipient_at: Option<String>,
    id_at: Option<String>,
    id_header: Option<String>,
}

impl EmailApiBuilder {
    pub(super) fn new(endpoint: String) -> Self {
        Self {
            endpoint: UrlText(endpoint),
            http: HttpOptions::default(),
            credentials: Vec::new(),
            idempotency: None,
            search: None,
            recipient_at: Some("/to".to_owned()),
            id_at: None,
            id_header: None,
        }
    }

    /// How HTTP is spoken.
    #[must_use]
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Tells the provider who we are. Its source is read once, when the channel is built.
    #[must_use]
    pub fn credential(mut self, credential: Credential) -> Self {
        self.credentials.push(credential);
        self
    }

    /// The provider takes a key that comes again in this header only once, for so long.
    #[must_use]
    pub fn idempotency(mut self, header: impl Into<String>, window: Duration) -> Self {
        self.idempotency = Some((header.into(), window));
        self
    }

    /// The provider can be asked in this way whether it has a message.
    #[must_use]
    pub fn search(mut self, search: Search) -> Self {
        self.search = Some(search);
        self
    }

    /// Where in the stored message its one recipient is: a JSON pointer, `/to` by default. What is not to
    /// the notification's recipient (an operator may have redirected it) is refused.
    #[must_use]
    pub fn recipient_at(mut self, pointer: impl Into<String>) -> Self {
        self.recipient_at = Some(pointer.into());
        self
    }

    /// Sends the stored message to whomever it says.
    #[must_use]
    pub fn recipient_unchecked(mut self) -> Self {
        self.recipient_at = None;
        self
    }

    /// Where the answer has the provider's id: a JSON pointer.
    #[must_use]
    pub fn id_at(mut self, pointer: impl Into<String>) -> Self {
        self.id_at = Some(pointer.into());
        self
    }

    /// Which header of the answer has the provider's id.
    #[must_use]
    pub fn id_header(mut self, name: impl Into<String>) -> Self {
        self.id_header = Some(name.into());
        self
    }

    /// Reads the secrets and makes the channel.
    pub fn build(self) -> Result<EmailApiChannel, InvalidHttp> {
        for at in [&self.recipient_at, &self.id_at].into_iter().flatten() {
            pointer::check(at)?;
        }
        let name = |name: &String| header_name(name);
        let (key_header, idempotence) = match &self.idempotency {
            Some((name, window)) => (Some(header_name(name)?), Idempotence::For(*window)),
            None => (None, Idempotence::None),
        };
        Ok(EmailApiChannel {
            provider: Provider::new(&self.http, idempotence, &self.credentials)?,
            endpoint: Endpoint::new(&self.endpoint)?,
            key_header,
            idempotence,
            search: self.search.as_ref().map(Search::ready).transpose()?,
            id_header: self.id_header.as_ref().map(name).transpose()?,
            recipient_at: self.recipient_at,
            id_at: self.id_at,
        })
    }
}
