//! Webhooks.

use crate::delivery::key::{ChannelKey, Shape, key};

pub(in crate::delivery) const KEYS: &[ChannelKey] = &[
    key(
        "secret",
        Shape::Secret,
        "what requests are signed with: whsec_ and 24 to 64 bytes in base64",
    ),
    key(
        "older_secrets",
        Shape::Sources,
        "secrets that still are signed with besides, the newer first, like [\"credential:whsec-2025\"]",
    ),
    key(
        "secrets_of",
        Shape::SourcesOf,
        "secrets of single recipients, by their URLs, instead of the common ones",
    ),
    key(
        "unsigned",
        Shape::Flag,
        "whether requests go without a signature where there is no secret",
    )
    .or("false"),
    key(
        "ids_ignored",
        Shape::Flag,
        "whether receivers do not look at webhook-id: then nothing in doubt is sent again",
    )
    .or("false"),
];

#[cfg(feature = "webhook")]
pub(super) fn build(
    values: &crate::delivery::values::Values,
) -> Result<std::sync::Arc<dyn queue_core::channel::Channel>, String> {
    use queue_core::channel::WebhookChannel;

    let secret = values.source("secret");
    let older = values.sources("older_secrets");
    if secret.is_none() && !older.is_empty() {
        return Err(
            "there are `older_secrets` and none that is newer: name it by `secret_file`, \
             `secret_credential` or `secret_env`"
                .to_owned(),
        );
    }
    let own = own(values)?;
    if secret.is_none() && own.is_empty() && !values.is("unsigned") {
        return Err("there is nothing to sign with: name a secret by `secret_file`, `secret_credential` or \
             `secret_env`, or write `unsigned = true`"
            .to_owned());
    }
    let mut hooks = WebhookChannel::builder().http(crate::delivery::http::options(values)?);
    for source in secret.into_iter().chain(older) {
        hooks = hooks.secret(source);
    }
    if !own.is_empty() {
        hooks = hooks.secrets_of(move |of| own.get(of).cloned());
    }
    if values.is("unsigned") {
        hooks = hooks.unsigned();
    }
    if values.is("ids_ignored") {
        hooks = hooks.ids_ignored();
    }
    let hooks = hooks.build().map_err(|error| error.to_string())?;
    Ok(std::sync::Arc::new(hooks))
}

#[cfg(feature = "webhook")]
type Own =
    std::collections::BTreeMap<queue_core::Recipient, Vec<queue_core::channel::SigningSecret>>;

/// The secrets of single recipients, as they are now.
#[cfg(feature = "webhook")]
fn own(values: &crate::delivery::values::Values) -> Result<Own, String> {
    use crate::delivery::value::Value;
    use secrecy::ExposeSecret;

    let Some(Value::SourcesOf(all)) = values.any("secrets_of") else {
        return Ok(Own::new());
    };
    let mut own = Own::new();
    for (of, sources) in all {
        for source in sources {
            let secret = source.read().map_err(|error| error.to_string())?;
            let secret = secret.expose_secret().parse();
            let secret = secret.map_err(|error: queue_core::channel::InvalidSigningSecret| {
                format!("`secrets_of`: {source}: {error}")
            })?;
            own.entry(of.clone()).or_default().push(secret);
        }
    }
    Ok(own)
}
