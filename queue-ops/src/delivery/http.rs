//! How channels speak HTTP.

use super::key::{ChannelKey, Shape, key};

/// The keys of channels over HTTP.
pub(super) const KEYS: &[ChannelKey] = &[
    key(
        "allow_networks",
        Shape::Networks,
        "networks that may be spoken to although they are not public, like [\"10.1.0.0/16\"]",
    ),
    key(
        "allow_cleartext",
        Shape::Flag,
        "whether http:// is spoken, which everybody on the way can read and change",
    )
    .or("false"),
    key(
        "root_certificates",
        Shape::Paths,
        "files in PEM with certificates that are trusted besides the system's",
    ),
    key(
        "connect_timeout",
        Shape::Span,
        "how long connecting may take, TLS included",
    )
    .or("\"5s\""),
    key(
        "timeout",
        Shape::Span,
        "how long a request may take with its answer, connecting included",
    )
    .or("\"20s\""),
    key(
        "reply_limit",
        Shape::Number(1, 16 * 1024 * 1024),
        "how many bytes of an answer are read",
    )
    .or("65536"),
    key(
        "user_agent",
        Shape::Text,
        "what it calls itself; leasehold and its version unless it is said",
    ),
];

#[cfg(feature = "http")]
pub(super) fn options(
    values: &super::values::Values,
) -> Result<queue_core::channel::HttpOptions, String> {
    let mut options = queue_core::channel::HttpOptions::new();
    for network in values.texts("allow_networks") {
        let network = network.parse();
        options = options.allow(
            network.map_err(|error: queue_core::channel::InvalidNetwork| error.to_string())?,
        );
    }
    if values.is("allow_cleartext") {
        options = options.allow_cleartext();
    }
    for pem in values.files("root_certificates")? {
        options = options.root(pem);
    }
    if let Some(limit) = values.span("connect_timeout") {
        options = options.connect_timeout(limit);
    }
    if let Some(limit) = values.span("timeout") {
        options = options.timeout(limit);
    }
    if let Some(bytes) = values.number("reply_limit") {
        options = options.reply_limit(bytes);
    }
    if let Some(name) = values.text("user_agent") {
        options = options.user_agent(name);
    }
    Ok(options)
}
