//! How a relay to RabbitMQ is set up.

use std::time::Duration;

use lapin::uri::AMQPUri;
use secrecy::{ExposeSecret, SecretString};

use super::RabbitMqChannel;
use super::address::Address;
use super::publication::MAX_SHORT;
use crate::channel::relay::{InvalidRelay, Shared};
use crate::channel::{Capabilities, Idempotence, SecretSource};

/// What a message is routed by.
#[derive(Debug, Clone)]
pub(super) enum Route {
    Fixed(String),
    Recipient,
}

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) address: Address,
    pub(super) exchange: String,
    pub(super) route: Route,
    pub(super) capabilities: Capabilities,
    pub(super) connect_timeout: Duration,
    pub(super) confirm_timeout: Duration,
}

/// Sets up a [`RabbitMqChannel`].
#[derive(Debug, Clone)]
#[must_use = "call build"]
pub struct RabbitMqBuilder(Settings);

impl RabbitMqBuilder {
    pub(super) fn at(url: String) -> Self {
        Self::to(Address::Given(SecretString::from(url)))
    }

    pub(super) fn from_secret(url: SecretSource) -> Self {
        Self::to(Address::Kept(url))
    }

    fn to(address: Address) -> Self {
        Self(Settings {
            address,
            exchange: String::new(),
            route: Route::Recipient,
            capabilities: Capabilities::none(),
            connect_timeout: Duration::from_secs(10),
            confirm_timeout: Duration::from_secs(30),
        })
    }

    /// Publishes to this exchange, which must be there. Without: to the one that each broker has, where
    /// the routing key is the name of a queue.
    pub fn exchange(mut self, name: impl Into<String>) -> Self {
        self.0.exchange = name.into();
        self
    }

    /// Routes all messages by this key. Without: each by its recipient.
    pub fn routing_key(mut self, key: impl Into<String>) -> Self {
        self.0.route = Route::Fixed(key.into());
        self
    }

    /// Says that whoever consumes drops what it has seen by its `message_id`, however late it comes again.
    pub fn consumers_deduplicate(mut self) -> Self {
        self.0.capabilities = Capabilities::none().idempotent(Idempotence::Always);
        self
    }

    /// For how long the broker may take to accept a connection; 10 seconds without.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.0.connect_timeout = limit;
        self
    }

    /// For how long the broker may take to confirm a message, after which nobody knows; 30 seconds
    /// without.
    pub fn confirm_timeout(mut self, limit: Duration) -> Self {
        self.0.confirm_timeout = limit;
        self
    }

    /// The channel; it connects when the first message is sent.
    pub fn build(self) -> Result<RabbitMqChannel, InvalidRelay> {
        let settings = self.0;
        let wrong = |problem: String| InvalidRelay {
            broker: "RabbitMQ",
            problem,
        };
        if let Address::Given(url) = &settings.address {
            read_uri(url).map_err(wrong)?;
        }
        if settings.exchange.len() > MAX_SHORT {
            return Err(wrong(format!(
                "the exchange's name is longer than {MAX_SHORT} bytes"
            )));
        }
        if matches!(&settings.route, Route::Fixed(key) if key.len() > MAX_SHORT) {
            return Err(wrong(format!(
                "the routing key is longer than {MAX_SHORT} bytes"
            )));
        }
        Ok(RabbitMqChannel {
            settings: settings.into(),
            link: Shared::none(),
        })
    }
}

/// Reads an address; an error does not repeat it, for a password is in it.
pub(super) fn read_uri(url: &SecretString) -> Result<AMQPUri, String> {
    let text = url.expose_secret();
    let authority = text.split_once("://").map_or("", |(_, rest)| {
        rest.split(['/', '?', '#']).next().unwrap_or_default()
    });
    // The client would read the address of another host out of it: localhost.
    if authority
        .rsplit('@')
        .next()
        .unwrap_or_default()
        .starts_with('[')
    {
        return Err(
            "the client reads no IPv6 addresses: write the name of the host instead".to_owned(),
        );
    }
    text.parse().map_err(|_| {
        "its address is none: write amqp://user:password@host:port/vhost or amqps://…, with special \
         characters as %XX"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_is_told_without_the_password() {
        let long = "x".repeat(256);
        let fine = RabbitMqChannel::at("amqp://u:hunter2@mq:5672/%2f");
        for (builder, said) in [
            (RabbitMqChannel::at("http://u:hunter2@mq"), "amqp://user"),
            (RabbitMqChannel::at("hunter2"), "amqp://user"),
            (RabbitMqChannel::at("amqp://u:hunter2@[::1]/x"), "IPv6"),
            (fine.clone().exchange(&long), "exchange"),
            (fine.clone().routing_key(&long), "routing key"),
        ] {
            let error = builder.build().unwrap_err().to_string();
            assert!(
                error.contains(said) && !error.contains("hunter2"),
                "{error}"
            );
        }
        assert!(!format!("{fine:?} {:?}", fine.clone().build()).contains("hunter2"));
    }
}
