//! `RabbitMQ`.

use crate::delivery::key::{ChannelKey, Shape, key};

pub(in crate::delivery) const KEYS: &[ChannelKey] = &[
    key(
        "url",
        Shape::Secret,
        "the broker's address with user and password: amqps://user:password@host:5671/vhost",
    )
    .required(),
    key(
        "exchange",
        Shape::Text,
        "the exchange that messages are published to; the broker's own, where a routing key is a queue's name, unless it is said",
    ),
    key(
        "routing_key",
        Shape::Text,
        "what all messages are routed by; each by its recipient unless it is said",
    ),
    key(
        "consumers_deduplicate",
        Shape::Flag,
        "whether consumers drop what they have seen by its message_id, however late it comes again",
    )
    .or("false"),
    key(
        "connect_timeout",
        Shape::Span,
        "how long the broker may take to accept a connection",
    )
    .or("\"10s\""),
    key(
        "confirm_timeout",
        Shape::Span,
        "how long the broker may take to confirm a message",
    )
    .or("\"30s\""),
];

#[cfg(feature = "rabbitmq")]
pub(super) fn build(
    values: &crate::delivery::values::Values,
) -> Result<std::sync::Arc<dyn queue_core::channel::Channel>, String> {
    use queue_core::channel::RabbitMqChannel;
    use secrecy::ExposeSecret;

    let source = values.source("url");
    let source =
        source.ok_or_else(|| "where the broker is is not said: write `url_file`".to_owned())?;
    // It is read again for each connection; one that never could be is refused now.
    let url = source.read().map_err(|error| error.to_string())?;
    let tried = RabbitMqChannel::at(url.expose_secret()).build();
    tried.map_err(|error| error.to_string())?;
    let mut broker = RabbitMqChannel::from_secret(source);
    if let Some(name) = values.text("exchange") {
        broker = broker.exchange(name);
    }
    if let Some(key) = values.text("routing_key") {
        broker = broker.routing_key(key);
    }
    if values.is("consumers_deduplicate") {
        broker = broker.consumers_deduplicate();
    }
    if let Some(limit) = values.span("connect_timeout") {
        broker = broker.connect_timeout(limit);
    }
    if let Some(limit) = values.span("confirm_timeout") {
        broker = broker.confirm_timeout(limit);
    }
    let broker = broker.build().map_err(|error| error.to_string())?;
    Ok(std::sync::Arc::new(broker))
}
