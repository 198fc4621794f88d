//! Escalations to PagerDuty, Events API v2.

mod builder;
mod event;

use std::collections::BTreeMap;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

pub use builder::PagerDutyBuilder;

use super::http::endpoint::Endpoint;
use super::http::pointer;
use super::http::provider::Provider;
use super::{Capabilities, Channel, Gate, Idempotence, Outgoing, Receipt, SendError};
use crate::{Alert, Recipient};

/// Triggers and resolves incidents at PagerDuty, by its Events API v2. It takes [`Alert`]s only.
///
/// An incident's `dedup_key` is the alert's key with its episode. So an event that comes twice is merged,
/// and the late end of one episode does not end the next. A trigger that comes again after somebody at
/// PagerDuty has resolved the incident opens it again: rather heard twice than not at all.
///
/// ```no_run
/// use queue_core::Recipient;
/// use queue_core::channel::PagerDutyChannel;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pager = PagerDutyChannel::builder()
///     .routing_key("credential:pagerduty".parse()?)
///     // Alerts to this recipient go to a service of their own.
///     .routing_key_of(Recipient::new("payments-on-call")?, "credential:pagerduty-payments".parse()?)
///     .source("shop.example.org")
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PagerDutyChannel {
    provider: Provider,
    endpoint: Endpoint,
    source: String,
    routing_key: Option<SecretString>,
    routing_keys: BTreeMap<Recipient, SecretString>,
}

impl PagerDutyChannel {
    /// Describes one.
    #[must_use]
    pub fn builder() -> PagerDutyBuilder {
        PagerDutyBuilder::default()
    }
}

#[async_trait]
impl Channel for PagerDutyChannel {
    fn capabilities(&self) -> Capabilities {
        Capabilities::none().idempotent(Idempotence::Always)
    }

    async fn send(&self, message: &Outgoing, gate: &mut Gate) -> Result<Receipt, SendError> {
        let alert = Alert::of(message.payload()).ok_or_else(|| {
            SendError::message_unsupported(
                "only escalations go to PagerDuty, and this message is none",
            )
        })?;
        let own = self.routing_keys.get(message.recipient());
        let routing_key = own.or(self.routing_key.as_ref()).ok_or_else(|| {
            SendError::message_unsupported(
                "there is no routing key for this recipient: name one with .routing_key_of(…)",
            )
        })?;
        let dedup_key = event::dedup_key(&alert);
        let body = event::body(
            &alert,
            routing_key.expose_secret(),
            &dedup_key,
            &self.source,
            message,
        );
        let answer = self
            .provider
            .post(self.endpoint.url(), [], body.into(), message, gate)
            .await?;
        let told = answer
            .json()
            .and_then(|json| pointer::text_at(&json, "/dedup_key"));
        Ok(Receipt::with_id(&told.unwrap_or(dedup_key)))
    }
}
