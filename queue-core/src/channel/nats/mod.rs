//! A relay to NATS JetStream.

mod answer;
mod builder;
mod link;
mod login;
mod publication;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

pub use builder::NatsBuilder;
pub use login::NatsLogin;

use self::builder::Settings;
use self::link::NatsLink;
use self::publication::Publication;
use super::relay::Shared;
use super::{Capabilities, Channel, Gate, Outgoing, Receipt, SendError};

/// Publishes each message to a stream of NATS JetStream and waits until the stream has stored it.
///
/// A message has the key as its `Nats-Msg-Id`, by which the stream takes it once for as long as its
/// `duplicate_window` (2 minutes, unless it says something else), and the headers `Content-Type`, `Purpose`,
/// `Subject` and `Revision`. The provider's id is the stream's name and the sequence: `orders:17`.
///
/// | the server | what that means |
/// |---|---|
/// | has stored it, or had it already | sent |
/// | has no stream for the subject | refused: ours, where the subject is fixed, which pauses the channel; otherwise the message's fault |
/// | has a stream for it that does not answer: it has no leader | not taken |
/// | has no room | not taken |
/// | does not let us publish there, or let us in | refused, ours |
/// | is gone, or silent, after it may have seen it | nobody knows |
///
/// What nobody knows is sent again under the same id only if the next attempt is sure to come within the
/// window: give the stream a longer one and say so with [`NatsBuilder::duplicate_window`], or the channel a
/// policy whose longest wait is shorter.
///
/// ```
/// use std::time::Duration;
/// use queue_core::channel::{Channel, Idempotence, NatsChannel, NatsLogin};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let day = Duration::from_secs(24 * 3600);
/// let events = NatsChannel::at("nats://nats-1:4222")
///     .or_at("nats://nats-2:4222")
///     .login(NatsLogin::password("relay", "credential:nats-password".parse()?))
///     .subject("orders.paid")
///     .expect_stream("orders")
///     .duplicate_window(day)
///     .build()?;
/// assert_eq!(events.capabilities().idempotence, Idempotence::For(day));
/// # Ok(())
/// # }
/// ```
pub struct NatsChannel {
    settings: Arc<Settings>,
    link: Shared<NatsLink>,
}

impl NatsChannel {
    /// A relay to the server at `nats://host:port`, or `tls://…`.
    pub fn at(url: impl Into<String>) -> NatsBuilder {
        NatsBuilder::at(url.into())
    }
}

#[async_trait]
impl Channel for NatsChannel {
    fn capabilities(&self) -> Capabilities {
        self.settings.capabilities()
    }

    async fn send(&self, message: &Outgoing, gate: &mut Gate) -> Result<Receipt, SendError> {
        let publication = Publication::of(message, &self.settings)?;
        gate.connecting();
        let open = || NatsLink::open(Arc::clone(&self.settings));
        let link = self.link.get(open).await?;
        gate.commit().await?;
        link.publish(publication, &self.settings).await
    }
}

impl fmt::Debug for NatsChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsChannel")
            .field("settings", &self.settings)
            .field("link", &self.link)
            .finish()
    }
}
