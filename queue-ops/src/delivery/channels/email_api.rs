//! Mail, by a provider's HTTP API.

use crate::delivery::key::{ChannelKey, Shape, key};

pub(in crate::delivery) const KEYS: &[ChannelKey] = &[
    key(
        "endpoint",
        Shape::Masked,
        "the URL that messages are posted to",
    )
    .required(),
    key(
        "idempotency_header",
        Shape::Text,
        "the header in which the provider takes a key only once, like Idempotency-Key; it does not unless it is said",
    ),
    key(
        "idempotency_window",
        Shape::Span,
        "for how long it knows a key, like 24h",
    ),
    key(
        "recipient_at",
        Shape::Text,
        "where in the stored message its recipient is, a JSON pointer",
    )
    .or("\"/to\""),
    key(
        "recipient_unchecked",
        Shape::Flag,
        "whether the stored message is sent to whomever it says",
    )
    .or("false"),
    key(
        "id_at",
        Shape::Text,
        "where in the answer the provider's id is, a JSON pointer",
    ),
    key(
        "id_header",
        Shape::Text,
        "which header of the answer has the provider's id",
    ),
];

#[cfg(feature = "email-api")]
pub(super) fn build(
    values: &crate::delivery::values::Values,
) -> Result<std::sync::Arc<dyn queue_core::channel::Channel>, String> {
    use crate::delivery::{auth, http, search};
    use queue_core::channel::EmailApiChannel;

    let endpoint = values.text("endpoint").unwrap_or_default();
    let mut api = EmailApiChannel::builder(endpoint).http(http::options(values)?);
    if let Some(credential) = auth::credential(values)? {
        api = api.credential(credential);
    }
    if let Some(search) = search::search(values)? {
        api = api.search(search);
    }
    let window = values.span("idempotency_window");
    api = match (values.text("idempotency_header"), window) {
        (Some(header), Some(window)) => api.idempotency(header, window),
        (None, None) => api,
        _ => {
            return Err(
                "a key that is taken once has a header and a time: write `idempotency_header` and \
                 `idempotency_window`"
                    .to_owned(),
            );
        }
    };
    api = match (
        values.text("recipient_at"),
        values.is("recipient_unchecked"),
    ) {
        (Some(_), true) => {
            return Err(
                "`recipient_at` and `recipient_unchecked` are both given: give one of them"
                    .to_owned(),
            );
        }
        (Some(at), false) => api.recipient_at(at),
        (None, true) => api.recipient_unchecked(),
        (None, false) => api,
    };
    if let Some(at) = values.text("id_at") {
        api = api.id_at(at);
    }
    if let Some(header) = values.text("id_header") {
        api = api.id_header(header);
    }
    let api = api.build().map_err(|error| error.to_string())?;
    Ok(std::sync::Arc::new(api))
}
