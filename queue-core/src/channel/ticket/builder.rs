//! How a tracker is spoken to.

use serde_json::Value;

use super::{TicketChannel, body};
use crate::channel::http::endpoint::Endpoint;
use crate::channel::http::pointer;
use crate::channel::http::provider::Provider;
use crate::channel::http::url_template::UrlTemplate;
use crate::channel::http::url_text::UrlText;
use crate::channel::{Credential, HttpOptions, Idempotence, InvalidHttp, Search};

/// Describes a [`TicketChannel`] channel.
///
/// Texts in what is posted may have places, which are filled from the alert: `{summary}`, `{details}`,
/// `{severity}`, `{rule}`, `{event}`, `{class}`, `{count}`, `{incident}`, `{episode}`, `{time}`, `{action}`
/// and `{key}`, the notification's key.
#[derive(Debug)]
pub struct TicketBuilder {
    endpoint: UrlText,
    http: HttpOptions,
    credentials: Vec<Credential>,
    template: Value,
    key_at: Option<String>,
    id_at: Option<String>,
    search: Option<Search>,
    over: Option<(UrlText, Value)>,
}

impl TicketBuilder {
    pub(super) fn new(endpoint: String) -> Self {
        Self {
            endpoint: UrlText(endpoint),
            http: HttpOptions::default(),
            credentials: Vec::new(),
            template: Value::Null,
            key_at: None,
            id_at: None,
            search: None,
            over: None,
        }
    }

    /// How HTTP is spoken.
    #[must_use]
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Tells the tracker who we are. Its source is read once, when the channel is built.
    #[must_use]
    pub fn credential(mut self, credential: Credential) -> Self {
        self.credentials.push(credential);
        self
    }

    /// What is posted to create a ticket: a JSON object.
    #[must_use]
    pub fn body(mut self, template: Value) -> Self {
        self.template = template;
        self
    }

    /// Where in it our key is written: a JSON pointer, to a field that can be searched.
    #[must_use]
    pub fn key_at(mut self, pointer: impl Into<String>) -> Self {
        self.key_at = Some(pointer.into());
        self
    }

    /// Where the answer has the ticket's id: a JSON pointer.
    #[must_use]
    pub fn id_at(mut self, pointer: impl Into<String>) -> Self {
        self.id_at = Some(pointer.into());
        self
    }

    /// How a ticket is searched by our key. Without, one that may have been created waits for an operator.
    #[must_use]
    pub fn search(mut self, search: Search) -> Self {
        self.search = Some(search);
        self
    }

    /// What is posted when an alert is over, and where: a URL with a place for `{ticket}`, a comment's or a
    /// transition's. The ticket is found by the search, which must tell its id.
    #[must_use]
    pub fn when_over(mut self, url: impl Into<String>, body: Value) -> Self {
        self.over = Some((UrlText(url.into()), body));
        self
    }

    /// Reads the secrets and makes the channel.
    pub fn build(self) -> Result<TicketChannel, InvalidHttp> {
        body::check(&self.template)?;
        let key_at = self.key_at.filter(|at| !at.is_empty()).ok_or_else(|| {
            InvalidHttp::new(
                "a ticket without our key is not found again: say where to write it with .key_at(…)",
            )
        })?;
        for at in [Some(&key_at), self.id_at.as_ref()].into_iter().flatten() {
            pointer::check(at)?;
        }
        if self.over.is_some() && self.search.is_none() {
            return Err(InvalidHttp::new(
                "the ticket of an alert that is over is found by a search: describe it with .search(…)",
            ));
        }
        let over = match self.over {
            Some((url, note)) => {
                body::check(&note)?;
                Some((UrlTemplate::new(&url, &["ticket"])?, note))
            }
            None => None,
        };
        Ok(TicketChannel {
            // Trackers take the same ticket twice.
            provider: Provider::new(&self.http, Idempotence::None, &self.credentials)?,
            endpoint: Endpoint::new(&self.endpoint)?,
            template: self.template,
            key_at,
            id_at: self.id_at,
            search: self.search.as_ref().map(Search::ready).transpose()?,
            over,
        })
    }
}
