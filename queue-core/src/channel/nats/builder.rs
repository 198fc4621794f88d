//! How a relay to NATS is set up.

use std::time::Duration;

use async_nats::ServerAddr;

use super::publication::check_subject;
use super::{NatsChannel, NatsLogin};
use crate::channel::relay::{InvalidRelay, Shared};
use crate::channel::{Capabilities, Idempotence};

/// What a stream has that does not say something else.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// Which subject a message goes to.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Fixed(String),
    Recipient,
    Under(String),
}

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) urls: Vec<String>,
    pub(super) login: Option<NatsLogin>,
    pub(super) target: Target,
    pub(super) stream: Option<String>,
    pub(super) window: Duration,
    pub(super) connect_timeout: Duration,
    pub(super) ack_timeout: Duration,
}

impl Settings {
    pub(super) fn capabilities(&self) -> Capabilities {
        Capabilities::none().idempotent(Idempotence::For(self.window))
    }
}

/// Sets up a [`NatsChannel`].
#[derive(Debug, Clone)]
#[must_use = "call build"]
pub struct NatsBuilder(Settings);

impl NatsBuilder {
    pub(super) fn at(url: String) -> Self {
        Self(Settings {
            urls: vec![url],
            login: None,
            target: Target::Recipient,
            stream: None,
            window: DUPLICATE_WINDOW,
            connect_timeout: Duration::from_secs(10),
            ack_timeout: Duration::from_secs(10),
        })
    }

    /// Another server of the same cluster.
    pub fn or_at(mut self, url: impl Into<String>) -> Self {
        self.0.urls.push(url.into());
        self
    }

    /// Says who we are.
    pub fn login(mut self, login: NatsLogin) -> Self {
        self.0.login = Some(login);
        self
    }

    /// Publishes all messages to this subject. Without: each to its recipient.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.0.target = Target::Fixed(subject.into());
        self
    }

    /// Publishes each message to its recipient under this prefix: `mail` and `ada` make `mail.ada`.
    pub fn subject_under(mut self, prefix: impl Into<String>) -> Self {
        self.0.target = Target::Under(prefix.into());
        self
    }

    /// Messages are taken by the stream of that name or not at all. If its window is shorter than
    /// [declared](Self::duplicate_window), that is told before the first message is sent.
    pub fn expect_stream(mut self, name: impl Into<String>) -> Self {
        self.0.stream = Some(name.into());
        self
    }

    /// For how long the stream knows an id: its `duplicate_window`; 2 minutes without.
    pub fn duplicate_window(mut self, window: Duration) -> Self {
        self.0.window = window;
        self
    }

    /// For how long a server may take to accept a connection; 10 seconds without.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.0.connect_timeout = limit;
        self
    }

    /// For how long a stream may take to store a message, after which nobody knows; 10 seconds without.
    pub fn ack_timeout(mut self, limit: Duration) -> Self {
        self.0.ack_timeout = limit;
        self
    }

    /// The channel; it connects when the first message is sent.
    pub fn build(self) -> Result<NatsChannel, InvalidRelay> {
        let settings = self.0;
        let wrong = |problem: &str| InvalidRelay {
            broker: "NATS",
            problem: problem.to_owned(),
        };
        for url in &settings.urls {
            // The client would not use them.
            if url.contains('@') {
                return Err(wrong(
                    "its address holds a password: give it with login, from where secrets are kept",
                ));
            }
            let is_one = url.parse::<ServerAddr>().is_ok_and(|address| {
                matches!(address.scheme(), "nats" | "tls") && !address.host().is_empty()
            });
            if !is_one || url.contains(char::is_whitespace) {
                return Err(wrong(
                    "its address is none: write nats://host:port or tls://host:port",
                ));
            }
        }
        match &settings.target {
            Target::Fixed(subject) => check_subject(subject).map_err(wrong)?,
            Target::Under(prefix) => check_subject(prefix).map_err(wrong)?,
            Target::Recipient => {}
        }
        let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '.' | '*' | '>' | '/' | '\\');
        if matches!(&settings.stream, Some(name) if name.is_empty() || !name.chars().all(plain)) {
            return Err(wrong("the stream's name cannot be one"));
        }
        Ok(NatsChannel {
            settings: settings.into(),
            link: Shared::none(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_is_told_without_the_password() {
        let fine = NatsChannel::at("nats://mq");
        for (builder, said) in [
            (NatsChannel::at("nats://u:hunter2@mq"), "login"),
            (NatsChannel::at("ws://mq"), "nats://host"),
            (fine.clone().or_at("nats:// "), "nats://host"),
            (fine.clone().subject("a..b"), "empty"),
            (fine.clone().subject("a.>"), "wildcard"),
            (fine.clone().subject_under("$JS.API"), "server's own"),
            (fine.clone().expect_stream("a.b"), "stream's name"),
        ] {
            let error = builder.build().unwrap_err().to_string();
            assert!(
                error.contains(said) && !error.contains("hunter2"),
                "{error}"
            );
        }
        assert!(fine.build().is_ok());
    }
}
