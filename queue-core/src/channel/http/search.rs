//! Asking a provider whether it has a message.

use std::time::Duration;

use serde_json::Value;

use super::provider::Provider;
use super::url_template::UrlTemplate;
use super::url_text::UrlText;
use super::{InvalidHttp, pointer};
use crate::channel::{Lookup, Outgoing, SendError};
use crate::{ProviderId, Recipient};

/// What the URL of a search may have places for.
const PLACES: &[&str] = &["key", "recipient", "id"];

/// How a provider is asked whether it has a message.
///
/// The URL may have places for `{key}`, our key; `{recipient}`; and `{id}`, the provider's own id, which is
/// only known when its answer was not lost.
///
/// ```
/// use std::time::Duration;
/// use queue_core::channel::Search;
/// // A list of what was found; an empty one says that it has none.
/// let by_key = Search::list("https://api.example.org/messages?tag={key}", "/items")
///     .key_at("/metadata/leasehold_key")
///     .id_at("/id")
///     .lag(Duration::from_secs(60));
/// // One document; 404 says that it has none.
/// let by_id = Search::one("https://api.example.org/messages/{key}").id_at("/id");
/// ```
#[derive(Debug, Clone)]
pub struct Search {
    url: UrlText,
    list_at: Option<String>,
    key_at: Option<String>,
    id_at: Option<String>,
    whole: bool,
    lag: Duration,
}

impl Search {
    fn new(url: String, list_at: Option<String>) -> Self {
        Self {
            url: UrlText(url),
            list_at,
            key_at: None,
            id_at: None,
            whole: false,
            lag: Duration::from_secs(60),
        }
    }

    /// It answers with the message, or with 404.
    #[must_use]
    pub fn one(url: impl Into<String>) -> Self {
        Self::new(url.into(), None)
    }

    /// It answers with a list of messages, at that place of its JSON.
    #[must_use]
    pub fn list(url: impl Into<String>, at: impl Into<String>) -> Self {
        Self::new(url.into(), Some(at.into()))
    }

    /// A message has our key at that place: one with another is another.
    #[must_use]
    pub fn key_at(mut self, pointer: impl Into<String>) -> Self {
        self.key_at = Some(pointer.into());
        self
    }

    /// A message has the provider's id at that place.
    #[must_use]
    pub fn id_at(mut self, pointer: impl Into<String>) -> Self {
        self.id_at = Some(pointer.into());
        self
    }

    /// A list is all there is, and never a page of it: if others are in it and ours is not, it is not there.
    #[must_use]
    pub fn whole_list(mut self) -> Self {
        self.whole = true;
        self
    }

    /// After how long it finds a message at the latest: a minute by default.
    #[must_use]
    pub fn lag(mut self, lag: Duration) -> Self {
        self.lag = lag;
        self
    }

    /// Checks it.
    pub(crate) fn ready(&self) -> Result<ReadySearch, InvalidHttp> {
        for at in [&self.list_at, &self.key_at, &self.id_at]
            .into_iter()
            .flatten()
        {
            pointer::check(at)?;
        }
        if self.whole && self.key_at.is_none() {
            return Err(InvalidHttp::new(
                "a list is searched without knowing where the key is: say it with .key_at(…)",
            ));
        }
        let url = UrlTemplate::new(&self.url, PLACES)?;
        if !PLACES
            .iter()
            .any(|place| self.url.0.contains(&format!("{{{place}}}")))
        {
            return Err(InvalidHttp::new(
                "a search looks for nothing: its URL needs {key}, {recipient} or {id}",
            ));
        }
        if self.key_at.is_none() && !self.url.0.contains("{key}") && !self.url.0.contains("{id}") {
            return Err(InvalidHttp::new(
                "a search by {recipient} finds other messages too: say where the key is with .key_at(…)",
            ));
        }
        Ok(ReadySearch {
            how: self.clone(),
            url,
        })
    }
}

/// A search that can be made.
#[derive(Debug)]
pub(crate) struct ReadySearch {
    how: Search,
    url: UrlTemplate,
}

impl ReadySearch {
    pub(crate) fn lag(&self) -> Duration {
        self.how.lag
    }

    /// Looks for a message.
    pub(crate) async fn look(
        &self,
        provider: &Provider,
        message: &Outgoing,
    ) -> Result<Lookup, SendError> {
        self.look_for(
            provider,
            message.key(),
            message.provider_id(),
            message.recipient(),
        )
        .await
    }

    pub(crate) async fn look_for(
        &self,
        provider: &Provider,
        key: &str,
        id: Option<&ProviderId>,
        recipient: &Recipient,
    ) -> Result<Lookup, SendError> {
        let url = self.url.fill(|place| match place {
            "key" => Some(key.to_owned()),
            "recipient" => Some(recipient.as_str().to_owned()),
            _ => id.map(ToString::to_string),
        });
        // It was sent, and its id was lost with the answer.
        let Some(url) = url else {
            return Ok(Lookup::CannotTell);
        };
        let answer = provider.get(&url, recipient).await?;
        if answer.status().as_u16() == 404 {
            // A search that is not there has found nothing out.
            return Ok(match self.how.list_at {
                Some(_) => Lookup::CannotTell,
                None => Lookup::Absent,
            });
        }
        let Some(found) = answer.json() else {
            return Err(SendError::reply_lost(
                "the answer is no JSON, or longer than what is read of it",
            ));
        };
        Ok(self.read(&found, key))
    }

    fn read(&self, found: &Value, key: &str) -> Lookup {
        let Some(at) = &self.how.list_at else {
            return match self.is_ours(found, key) {
                Some(false) | None => Lookup::CannotTell,
                Some(true) => self.found(found),
            };
        };
        // Not even a list: perhaps an error that came as 200.
        let Some(list) = found.pointer(at).and_then(Value::as_array) else {
            return Lookup::CannotTell;
        };
        if let Some(ours) = list.iter().find(|one| self.is_ours(one, key) == Some(true)) {
            return self.found(ours);
        }
        // One of the others may be ours and not tell its key, or be on the next page.
        let others = list.iter().all(|one| self.is_ours(one, key) == Some(false));
        if list.is_empty() || (self.how.whole && others) {
            Lookup::Absent
        } else {
            Lookup::CannotTell
        }
    }

    /// Whether it has our key; `None` if it has none.
    fn is_ours(&self, one: &Value, key: &str) -> Option<bool> {
        match &self.how.key_at {
            Some(at) => pointer::text_at(one, at).map(|found| found == key),
            None => Some(true),
        }
    }

    fn found(&self, one: &Value) -> Lookup {
        let id = self
            .how
            .id_at
            .as_ref()
            .and_then(|at| pointer::text_at(one, at));
        Lookup::Found {
            provider_id: id.and_then(|id| ProviderId::new(id).ok()),
        }
    }
}
