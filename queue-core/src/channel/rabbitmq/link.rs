//! A connection to RabbitMQ, and what messages are published on.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{Confirmation, Connection, Error};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

use super::builder::{Settings, read_uri};
use super::publication::Publication;
use super::{answer, handshake};
use crate::Recipient;
use crate::channel::relay::Link;
use crate::channel::{Receipt, Redactor, SendError, mask};

/// One connection, with as many AMQP channels as messages were under way at once.
///
/// Each AMQP channel has one message under way at a time. So what is returned, and the error that a channel
/// is closed with, can only be about that message; on a shared one the client gives a returned message to
/// whichever confirmation is the next, and the unroutable one would count as taken. Channels cost
/// nothing beside the disk that a confirmation waits for.
pub(super) struct RabbitLink {
    connection: Connection,
    /// Without a message under way.
    idle: Mutex<Vec<lapin::Channel>>,
    /// A confirmation did not come: it may be dead without anybody having been told.
    suspect: AtomicBool,
    redactor: Redactor,
}

/// One AMQP channel, for one message.
pub(super) struct Lane {
    link: Arc<RabbitLink>,
    channel: lapin::Channel,
}

impl Link for RabbitLink {
    fn is_usable(&self) -> bool {
        self.connection.status().connected() && !self.suspect.load(Ordering::Relaxed)
    }
}

impl RabbitLink {
    pub(super) async fn open(settings: Arc<Settings>) -> Result<Self, SendError> {
        let address = settings.address.read()?;
        let shown = mask(address.expose_secret());
        let uri = read_uri(&address).map_err(SendError::sender_refused)?;
        let password = SecretString::from(uri.authority.userinfo.password.clone());
        let redactor = Redactor::new([password, address]);
        let limit = settings.connect_timeout;
        match timeout(limit, handshake::connect(uri)).await {
            Ok(Ok(connection)) => Ok(Self {
                connection,
                idle: Mutex::default(),
                suspect: AtomicBool::new(false),
                redactor,
            }),
            Ok(Err(error)) => Err(answer::not_connected(&error, &|text| {
                hide(&redactor, &format!("{shown}: {text}"))
            })),
            Err(_) => Err(SendError::timed_out(format!(
                "{shown} accepted no connection within {limit:?}"
            ))),
        }
    }

    /// An AMQP channel that is free, or a new one.
    pub(super) async fn lane(link: Arc<Self>, limit: Duration) -> Result<Lane, SendError> {
        if link.connection.status().blocked() {
            return Err(blocked());
        }
        let idle = link.take_idle();
        if let Some(channel) = idle {
            return Ok(Lane { link, channel });
        }
        let opening = async {
            let channel = link.connection.create_channel().await?;
            channel
                .confirm_select(ConfirmSelectOptions::default())
                .await?;
            Ok(channel)
        };
        match timeout(limit, opening).await {
            Ok(Ok(channel)) => Ok(Lane { link, channel }),
            Ok(Err(error)) => Err(answer::no_channel(&error, &|text| {
                hide(&link.redactor, text)
            })),
            Err(_) => {
                link.suspect.store(true, Ordering::Relaxed);
                Err(SendError::timed_out(format!(
                    "the broker opened no channel within {limit:?}"
                )))
            }
        }
    }

    fn take_idle(&self) -> Option<lapin::Channel> {
        let mut idle = self.idle();
        idle.retain(|channel| channel.status().connected());
        idle.pop()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<lapin::Channel>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane {
    /// Publishes a message and waits for the broker's answer.
    pub(super) async fn publish(
        self,
        publication: Publication<'_>,
        limit: Duration,
    ) -> Result<Receipt, SendError> {
        // The last moment at which it is certain that nothing was written.
        let status = self.link.connection.status();
        if !status.connected() || !self.channel.status().connected() {
            return Err(SendError::unreachable(
                "the connection was lost before the message was written",
            ));
        }
        if status.blocked() {
            return Err(blocked());
        }
        let recipient = publication.recipient;
        match timeout(limit, confirmed(&self.channel, publication)).await {
            Ok(Ok(confirmation)) => {
                let Self { link, channel } = self;
                link.idle().push(channel);
                answer::confirmed(confirmation, &|text| link.redactor.text(text, recipient))
            }
            // The channel goes with it: what it still has under way must not meet another message.
            Ok(Err(error)) => Err(answer::not_confirmed(&error, &|text| {
                self.link.redactor.text(text, recipient)
            })),
            Err(_) => {
                self.link.suspect.store(true, Ordering::Relaxed);
                Err(SendError::reply_lost(format!(
                    "no confirmation came within {limit:?}"
                )))
            }
        }
    }
}

async fn confirmed(
    channel: &lapin::Channel,
    publication: Publication<'_>,
) -> Result<Confirmation, Error> {
    let options = BasicPublishOptions {
        // What goes to no queue comes back, instead of being confirmed and lost.
        mandatory: true,
        ..BasicPublishOptions::default()
    };
    let Publication {
        exchange,
        routing_key,
        properties,
        body,
        ..
    } = publication;
    let publishing = channel.basic_publish(exchange, routing_key, options, body, properties);
    publishing.await?.await
}

/// The broker has no room, and says so before it reads anything.
fn blocked() -> SendError {
    SendError::busy(
        "the broker has blocked the connection: it lacks memory or disk",
        None,
    )
}

/// For what is said before there is a recipient.
fn hide(redactor: &Redactor, text: &str) -> String {
    match Recipient::new("-") {
        Ok(nobody) => redactor.text(text, &nobody),
        Err(_) => String::new(),
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane").finish_non_exhaustive()
    }
}
