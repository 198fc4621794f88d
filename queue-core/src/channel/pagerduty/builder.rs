//! How PagerDuty is spoken to.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};

use super::PagerDutyChannel;
use crate::Recipient;
use crate::channel::http::endpoint::Endpoint;
use crate::channel::http::provider::Provider;
use crate::channel::http::url_text::UrlText;
use crate::channel::{HttpOptions, Idempotence, InvalidHttp, SecretSource};

/// Describes a [`PagerDutyChannel`] channel.
#[derive(Debug)]
pub struct PagerDutyBuilder {
    endpoint: UrlText,
    http: HttpOptions,
    source: String,
    routing_key: Option<SecretSource>,
    routing_keys: BTreeMap<Recipient, SecretSource>,
}

impl Default for PagerDutyBuilder {
    fn default() -> Self {
        Self {
            endpoint: UrlText("https://events.pagerduty.com/v2/enqueue".to_owned()),
            http: HttpOptions::default(),
            source: "leasehold".to_owned(),
            routing_key: None,
            routing_keys: BTreeMap::new(),
        }
    }
}

impl PagerDutyBuilder {
    /// How HTTP is spoken.
    #[must_use]
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Where events go; to the EU's endpoint, for one.
    #[must_use]
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = UrlText(url.into());
        self
    }

    /// What alerts are said to come from: `leasehold` by default.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// The integration's routing key. Sources are read once, when the channel is built.
    #[must_use]
    pub fn routing_key(mut self, source: SecretSource) -> Self {
        self.routing_key = Some(source);
        self
    }

    /// The routing key for alerts to one recipient.
    #[must_use]
    pub fn routing_key_of(mut self, recipient: Recipient, source: SecretSource) -> Self {
        self.routing_keys.insert(recipient, source);
        self
    }

    /// Reads the secrets and makes the channel.
    pub fn build(self) -> Result<PagerDutyChannel, InvalidHttp> {
        if self.routing_key.is_none() && self.routing_keys.is_empty() {
            return Err(InvalidHttp::new(
                "PagerDuty has no routing key: name where it is with .routing_key(…)",
            ));
        }
        if self.source.is_empty() {
            return Err(InvalidHttp::new(
                "PagerDuty takes no alert from an empty source: name the service",
            ));
        }
        let mut provider = Provider::new(&self.http, Idempotence::Always, &[])?;
        let mut read = |source: &SecretSource| -> Result<SecretString, InvalidHttp> {
            let key = source.read()?;
            provider.hide(key.expose_secret());
            Ok(key)
        };
        let routing_key = self.routing_key.as_ref().map(&mut read).transpose()?;
        let mut routing_keys = BTreeMap::new();
        for (recipient, source) in self.routing_keys {
            routing_keys.insert(recipient, read(&source)?);
        }
        Ok(PagerDutyChannel {
            endpoint: Endpoint::new(&self.endpoint)?,
            source: self.source,
            provider,
            routing_key,
            routing_keys,
        })
    }
}
