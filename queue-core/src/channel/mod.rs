//! Channels: how a message leaves the house, and what is known of it afterwards.
//!
//! A channel is one adapter behind a small trait. It sends the bytes that were stored, knows how far it
//! got when something goes wrong, and says so: taken, [not taken](SendError::NotTaken), refused for good, or
//! [nobody knows](SendError::Unknown). What follows from that is not its business: the
//! [`Deliverer`](crate::Deliverer) decides, from the channel's [`Capabilities`] and its policy.

mod capabilities;
#[cfg(feature = "email-api")]
mod email_api;
mod file;
mod gate;
#[cfg(feature = "http")]
mod http;
mod lookup;
mod mask;
#[cfg(feature = "nats")]
mod nats;
mod outgoing;
#[cfg(feature = "pagerduty")]
mod pagerduty;
#[cfg(feature = "rabbitmq")]
mod rabbitmq;
#[cfg(any(feature = "nats", feature = "rabbitmq"))]
mod relay;
mod secret;
mod shared;
#[cfg(feature = "smtp")]
mod smtp;
#[cfg(feature = "ticket")]
mod ticket;
mod unsent;
#[cfg(feature = "webhook")]
mod webhook;

use std::fmt::Debug;

use async_trait::async_trait;

pub use capabilities::{Capabilities, Idempotence};
#[cfg(feature = "email-api")]
pub use email_api::{ApiMail, EmailApiBuilder, EmailApiChannel};
pub use file::FileChannel;
pub(crate) use gate::Noting;
pub use gate::{Gate, GateShut};
#[cfg(feature = "provider")]
pub use http::Credential;
#[cfg(feature = "search")]
pub use http::Search;
#[cfg(feature = "http")]
pub use http::{HttpOptions, InvalidHttp, InvalidNetwork, Names, Network, is_global, retry_after};
pub use lookup::Lookup;
pub use mask::{Redactor, mask};
#[cfg(feature = "nats")]
pub use nats::{NatsBuilder, NatsChannel, NatsLogin};
pub use outgoing::{Outgoing, Receipt};
#[cfg(feature = "pagerduty")]
pub use pagerduty::{PagerDutyBuilder, PagerDutyChannel};
#[cfg(feature = "rabbitmq")]
pub use rabbitmq::{RabbitMqBuilder, RabbitMqChannel};
#[cfg(any(feature = "nats", feature = "rabbitmq"))]
pub use relay::InvalidRelay;
pub use secret::{SecretSource, SecretUnavailable};
#[cfg(feature = "smtp")]
pub use smtp::{
    InvalidMail, InvalidSmtp, Mail, RFC822, SmtpBuilder, SmtpChannel, SmtpTimeouts, SmtpTls,
};
#[cfg(feature = "ticket")]
pub use ticket::{TicketBuilder, TicketChannel};
pub use unsent::{Fault, SendError};
#[cfg(feature = "webhook")]
pub use webhook::{InvalidSigningSecret, SecretsOf, SigningSecret, WebhookBuilder, WebhookChannel};

/// One way out. Shared by all sends at once, so that it keeps its connections itself.
///
/// ```
/// use async_trait::async_trait;
/// use queue_core::channel::{Capabilities, Channel, Gate, Outgoing, Receipt, SendError};
/// use tokio::sync::mpsc;
///
/// /// Hands messages to a task of this process.
/// #[derive(Debug)]
/// struct ToTask(mpsc::UnboundedSender<String>);
///
/// #[async_trait]
/// impl Channel for ToTask {
///     fn capabilities(&self) -> Capabilities {
///         Capabilities::none()
///     }
///
///     async fn send(&self, message: &Outgoing, gate: &mut Gate) -> Result<Receipt, SendError> {
///         let text = String::from_utf8_lossy(message.body()).into_owned();
///         gate.commit().await?; // from here on it may have been taken
///         self.0.send(text).map_err(|_| SendError::unreachable("the task is gone"))?;
///         Ok(Receipt::none())
///     }
/// }
/// ```
#[async_trait]
pub trait Channel: Debug + Send + Sync + 'static {
    /// What the far side can do for us. It does not change while the channel lives.
    fn capabilities(&self) -> Capabilities;

    /// Sends one message to its one recipient.
    ///
    /// [`Gate::commit`] comes before the first step after which the far side may have taken the message:
    /// it writes that down, and fails if the row is not ours any more; then the step must not be taken.
    /// A send that fails, panics or is dropped before it counts as not sent, whatever it says; after it,
    /// what it says counts, and silence is doubt.
    ///
    /// Time limits are the channel's: only it knows for how long an answer may take in which phase.
    async fn send(&self, message: &Outgoing, gate: &mut Gate) -> Result<Receipt, SendError>;

    /// Asks the far side whether it has the message, by its key or by the id it gave. Only asked where
    /// [`Capabilities::lookup`] says that it can tell. An error means: ask again later.
    async fn lookup(&self, message: &Outgoing) -> Result<Lookup, SendError> {
        let _ = message;
        Ok(Lookup::CannotTell)
    }
}
