//! A relay to RabbitMQ.

mod address;
mod answer;
mod builder;
mod handshake;
mod link;
mod publication;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

pub use builder::RabbitMqBuilder;

use self::builder::Settings;
use self::link::{Lane, RabbitLink};
use self::publication::Publication;
use super::relay::Shared;
use super::{Capabilities, Channel, Gate, Outgoing, Receipt, SecretSource, SendError};

/// Publishes each message to an exchange of RabbitMQ and waits until the broker confirms it: until the
/// message is in all queues that it was routed to, on disk where they are durable.
///
/// A message has the key as its `message_id`, the payload's content type, the purpose as its `type`, the
/// time when it was stored as its timestamp, and the headers `subject` and `revision`; it is persistent.
///
/// | the broker | what that means |
/// |---|---|
/// | confirms | sent |
/// | returns it: it goes to no queue | refused, the message's fault |
/// | rejects it: a queue is full | not taken; other queues of the exchange may have it, by the same id |
/// | has no such exchange, or does not let us | refused, ours: the channel is paused |
/// | is gone, or silent, after it may have seen it | nobody knows |
///
/// RabbitMQ itself takes a message twice that is sent twice. Where all consumers drop what they have seen by
/// its `message_id`, say so with [`RabbitMqBuilder::consumers_deduplicate`]: then nothing stays in doubt.
///
/// The client logs a returned message, its body included, as a warning of `lapin::returned_messages`: filter
/// that target where bodies must not be in logs.
///
/// ```
/// use queue_core::channel::RabbitMqChannel;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let events = RabbitMqChannel::from_secret("credential:rabbitmq-url".parse()?)
///     .exchange("orders")
///     .routing_key("order.paid")
///     .consumers_deduplicate()
///     .build()?;
/// // No password is ever shown.
/// let shown = format!("{:?}", RabbitMqChannel::at("amqp://relay:hunter2@mq/%2f").build()?);
/// assert!(!shown.contains("hunter2"));
/// # Ok(())
/// # }
/// ```
pub struct RabbitMqChannel {
    settings: Arc<Settings>,
    link: Shared<RabbitLink>,
}

impl RabbitMqChannel {
    /// A relay to the broker at `amqp://user:password@host:port/vhost`, or `amqps://…`; a slash in the
    /// name of the virtual host is written `%2f`.
    pub fn at(url: impl Into<String>) -> RabbitMqBuilder {
        RabbitMqBuilder::at(url.into())
    }

    /// The same, with the address from where secrets are kept: it is read for each new connection.
    pub fn from_secret(url: SecretSource) -> RabbitMqBuilder {
        RabbitMqBuilder::from_secret(url)
    }

    async fn lane(&self) -> Result<Lane, SendError> {
        let open = || RabbitLink::open(Arc::clone(&self.settings));
        let link = self.link.get(open).await?;
        RabbitLink::lane(link, self.settings.connect_timeout).await
    }
}

#[async_trait]
impl Channel for RabbitMqChannel {
    fn capabilities(&self) -> Capabilities {
        self.settings.capabilities
    }

    async fn send(&self, message: &Outgoing, gate: &mut Gate) -> Result<Receipt, SendError> {
        let publication = Publication::of(message, &self.settings)?;
        gate.connecting();
        let lane = self.lane().await?;
        gate.commit().await?;
        lane.publish(publication, self.settings.confirm_timeout)
            .await
    }
}

impl fmt::Debug for RabbitMqChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RabbitMqChannel")
            .field("settings", &self.settings)
            .field("link", &self.link)
            .finish()
    }
}
