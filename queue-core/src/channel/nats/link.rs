//! A connection to NATS.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::connection::State;
use async_nats::jetstream::context::GetStreamByNameErrorKind;
use async_nats::{Client, ConnectOptions, Event, Request, ServerAddr, ServerError, jetstream};
use tokio::sync::watch;
use tokio::time::timeout;

use super::answer;
use super::builder::Settings;
use super::publication::Publication;
use crate::channel::relay::Link;
use crate::channel::{Receipt, Redactor, SendError};

/// Where nobody listens, and nobody has to be asked for it.
const NOWHERE: &str = "nats://127.0.0.1:0";

/// For questions to the server beside a message.
const ASIDE: Duration = Duration::from_secs(2);

/// One connection, that ends when it breaks.
///
/// By itself the client connects again, and then sends what it was given meanwhile: also a message that we
/// have called unknown, which an operator may have looked for in vain. So it finds no server but the first.
pub(super) struct NatsLink {
    client: Client,
    /// No answer came: it may be dead without anybody having been told.
    suspect: AtomicBool,
    /// What the server last said that it does not permit; it does not say so in answer to a message.
    forbidden: watch::Receiver<String>,
    redactor: Redactor,
}

impl Link for NatsLink {
    fn is_usable(&self) -> bool {
        self.client.connection_state() == State::Connected && !self.suspect.load(Ordering::Relaxed)
    }
}

impl NatsLink {
    pub(super) async fn open(settings: Arc<Settings>) -> Result<Self, SendError> {
        let (say, forbidden) = watch::channel(String::new());
        let options = ConnectOptions::new()
            .name("leasehold")
            .connection_timeout(settings.connect_timeout)
            .max_reconnects(settings.urls.len())
            .ignore_discovered_servers()
            .request_timeout(Some(settings.ack_timeout))
            .event_callback(move |event| {
                if let Event::ServerError(ServerError::Other(text)) = event {
                    say.send_replace(text);
                }
                async {}
            });
        let (options, secret) = match &settings.login {
            Some(login) => {
                let (options, secret) = login.apply(options)?;
                (options, Some(secret))
            }
            None => (options, None),
        };
        let redactor = Redactor::new(secret);
        let nowhere: ServerAddr = NOWHERE
            .parse()
            .map_err(|_| SendError::unreachable("the client knows no addresses"))?;
        let limit = settings.connect_timeout;
        let connecting = async {
            let connected = options.connect(settings.urls.as_slice()).await;
            let client = connected.map_err(|error| {
                answer::not_connected(&error, &|text| answer::hide(&redactor, text))
            })?;
            let ended = client.set_server_pool(nowhere).await;
            ended.map_err(|_| SendError::unreachable("the connection broke at once"))?;
            Ok(client)
        };
        let client = timeout(limit, connecting).await.unwrap_or_else(|_| {
            Err(SendError::timed_out(format!(
                "no server accepted a connection within {limit:?}"
            )))
        })?;
        let link = Self {
            client,
            suspect: AtomicBool::new(false),
            forbidden,
            redactor,
        };
        link.check_window(&settings).await?;
        Ok(link)
    }

    /// Does not let us send again what the stream has forgotten. A server that does not tell is believed to
    /// have what was declared.
    async fn check_window(&self, settings: &Settings) -> Result<(), SendError> {
        let Some(name) = &settings.stream else {
            return Ok(());
        };
        let jetstream = jetstream::new(self.client.clone());
        let Ok(Ok(stream)) = timeout(ASIDE, jetstream.get_stream(name)).await else {
            return Ok(());
        };
        let (window, declared) = (
            stream.cached_info().config.duplicate_window,
            settings.window,
        );
        if window < declared {
            return Err(SendError::sender_refused(format!(
                "the stream {name} knows an id for {window:?}, and the channel declares {declared:?}: \
                 make the stream's duplicate_window longer, or the channel's shorter"
            )));
        }
        Ok(())
    }

    /// Publishes a message and waits for the stream's answer.
    pub(super) async fn publish(
        &self,
        publication: Publication<'_>,
        settings: &Settings,
    ) -> Result<Receipt, SendError> {
        // The last moment at which it is certain that nothing was written.
        if self.client.connection_state() != State::Connected {
            return Err(SendError::unreachable(
                "the connection was lost before the message was written",
            ));
        }
        let Publication {
            subject,
            subject_is_of_message,
            headers,
            body,
            recipient,
        } = publication;
        let hide = |text: &str| self.redactor.text(text, recipient);
        let request = Request::new().headers(headers).payload(body);
        let mut forbidden = self.forbidden.clone();
        forbidden.mark_unchanged();
        let answered = tokio::select! {
            // What has been answered is not forbidden.
            biased;
            answered = self.client.send_request(subject.clone(), request) => answered,
            text = forbidding(&mut forbidden, &subject) => return Err(SendError::sender_refused(hide(&text))),
        };
        match answered {
            Ok(message) => answer::stored(&message.payload, &hide),
            Err(error) => match error.kind() {
                RequestErrorKind::NoResponders => {
                    Err(self.nobody_listens(&subject, subject_is_of_message).await)
                }
                RequestErrorKind::MaxPayloadExceeded => {
                    Err(SendError::message_refused(hide(&error.to_string())))
                }
                RequestErrorKind::InvalidSubject => {
                    Err(SendError::message_unsupported(hide(&error.to_string())))
                }
                RequestErrorKind::TimedOut => {
                    self.suspect.store(true, Ordering::Relaxed);
                    let limit = settings.ack_timeout;
                    Err(SendError::reply_lost(format!(
                        "no answer came within {limit:?}"
                    )))
                }
                RequestErrorKind::Other => {
                    self.suspect.store(true, Ordering::Relaxed);
                    Err(SendError::reply_lost(hide(&error.to_string())))
                }
            },
        }
    }

    /// No stream has taken it: there is none for the subject, or it has no leader now.
    async fn nobody_listens(&self, subject: &str, of_message: bool) -> SendError {
        let jetstream = jetstream::new(self.client.clone());
        let named = jetstream.stream_by_subject(subject);
        let missing = match timeout(ASIDE, named).await {
            Ok(Ok(_)) => false,
            Ok(Err(error)) => error.kind() == GetStreamByNameErrorKind::NotFound,
            Err(_) => false,
        };
        match (missing, of_message) {
            (true, true) => {
                SendError::message_refused("no stream takes what goes to its recipient")
            }
            (true, false) => {
                SendError::sender_refused(format!("no stream takes the subject {subject}"))
            }
            (false, _) => SendError::unreachable(
                "nobody listens there: the stream has no leader, or JetStream is not ready",
            ),
        }
    }
}

/// Waits until the server says that this connection may not publish there: such messages it drops.
async fn forbidding(said: &mut watch::Receiver<String>, subject: &str) -> String {
    let about = format!("for publish to \"{}\"", subject.to_lowercase());
    while said.changed().await.is_ok() {
        let text = said.borrow_and_update().clone();
        if text.to_lowercase().contains(&about) {
            return text;
        }
    }
    // The connection has ended, which the request says.
    std::future::pending().await
}
