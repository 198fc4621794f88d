//! NATS with `JetStream`.

use crate::delivery::key::{ChannelKey, Shape, key};

pub(in crate::delivery) const KEYS: &[ChannelKey] = &[
    key(
        "servers",
        Shape::MaskedTexts,
        "the servers of one cluster, like [\"tls://mq1.example.org:4222\"]",
    )
    .required(),
    key(
        "subject",
        Shape::Text,
        "the subject of all messages; each goes to its recipient unless it is said",
    ),
    key(
        "subject_under",
        Shape::Text,
        "what stands before the recipient in a message's subject: mail and ada make mail.ada",
    ),
    key(
        "stream",
        Shape::Text,
        "the stream that must take messages; whichever has the subject unless it is said",
    ),
    key(
        "duplicate_window",
        Shape::Span,
        "for how long the stream knows a message's id",
    )
    .or("\"2m\""),
    key("user", Shape::Text, "who we are, by a password"),
    key(
        "password",
        Shape::Secret,
        "the user's password, read for each connection",
    ),
    key("token", Shape::Secret, "who we are, by a token"),
    key("nkey", Shape::Secret, "who we are, by the seed of an NKey"),
    key(
        "creds",
        Shape::Secret,
        "who we are, by a JWT and a seed as a .creds file has them",
    ),
    key(
        "connect_timeout",
        Shape::Span,
        "how long a server may take to accept a connection",
    )
    .or("\"10s\""),
    key(
        "ack_timeout",
        Shape::Span,
        "how long a stream may take to store a message",
    )
    .or("\"10s\""),
];

#[cfg(feature = "nats")]
pub(super) fn build(
    values: &crate::delivery::values::Values,
) -> Result<std::sync::Arc<dyn queue_core::channel::Channel>, String> {
    use queue_core::channel::NatsChannel;

    let Some((first, others)) = values.texts("servers").split_first() else {
        return Err(
            "`servers` is empty: write one, like \"tls://mq1.example.org:4222\"".to_owned(),
        );
    };
    let mut stream = NatsChannel::at(first.as_str());
    for url in others {
        stream = stream.or_at(url.as_str());
    }
    if let Some(login) = login(values)? {
        stream = stream.login(login);
    }
    stream = match (values.text("subject"), values.text("subject_under")) {
        (Some(_), Some(_)) => {
            return Err(
                "`subject` and `subject_under` are both given: give one of them".to_owned(),
            );
        }
        (Some(subject), None) => stream.subject(subject),
        (None, Some(prefix)) => stream.subject_under(prefix),
        (None, None) => stream,
    };
    if let Some(name) = values.text("stream") {
        stream = stream.expect_stream(name);
    }
    if let Some(window) = values.span("duplicate_window") {
        stream = stream.duplicate_window(window);
    }
    if let Some(limit) = values.span("connect_timeout") {
        stream = stream.connect_timeout(limit);
    }
    if let Some(limit) = values.span("ack_timeout") {
        stream = stream.ack_timeout(limit);
    }
    let stream = stream.build().map_err(|error| error.to_string())?;
    Ok(std::sync::Arc::new(stream))
}

/// Who we are, in one of the ways that there are.
#[cfg(feature = "nats")]
fn login(
    values: &crate::delivery::values::Values,
) -> Result<Option<queue_core::channel::NatsLogin>, String> {
    use queue_core::channel::NatsLogin;

    let password = match (values.text("user"), values.source("password")) {
        (Some(user), Some(password)) => Some(NatsLogin::password(user, password)),
        (None, None) => None,
        _ => return Err("a password has a user: write `user` and one of `password_file`, `password_credential` \
             and `password_env`"
            .to_owned()),
    };
    let ways = [
        password,
        values.source("token").map(NatsLogin::token),
        values.source("nkey").map(NatsLogin::nkey),
        values.source("creds").map(NatsLogin::credentials),
    ];
    let mut ways = ways.into_iter().flatten();
    match (ways.next(), ways.next()) {
        (Some(_), Some(_)) => Err(
            "who we are is said twice: give one of `password_…`, `token_…`, `nkey_…` and `creds_…`"
                .to_owned(),
        ),
        (way, _) => Ok(way),
    }
}
