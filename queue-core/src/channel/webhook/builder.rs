//! How webhooks are to be sent.

use std::fmt;
use std::sync::Arc;

use secrecy::ExposeSecret;

use super::{SecretsOf, SigningSecret, WebhookChannel};
use crate::Recipient;
use crate::channel::http::Http;
use crate::channel::{HttpOptions, Idempotence, InvalidHttp, SecretSource};

/// Describes a [`WebhookChannel`] channel.
#[derive(Default)]
pub struct WebhookBuilder {
    http: HttpOptions,
    secrets: Vec<SecretSource>,
    secrets_of: Option<Arc<SecretsOf>>,
    unsigned: bool,
    ids_ignored: bool,
}

impl WebhookBuilder {
    /// How HTTP is spoken.
    #[must_use]
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// Signs with this secret, besides those that were named before; the newest is named first. Sources
    /// are read once, when the channel is built.
    #[must_use]
    pub fn secret(mut self, source: SecretSource) -> Self {
        self.secrets.push(source);
        self
    }

    /// Signs for a recipient with secrets of its own, the newest first; where there are none (`None`), with
    /// the common ones. It is asked on every attempt and must not wait.
    #[must_use]
    pub fn secrets_of(
        mut self,
        of: impl Fn(&Recipient) -> Option<Vec<SigningSecret>> + Send + Sync + 'static,
    ) -> Self {
        self.secrets_of = Some(Arc::new(of));
        self
    }

    /// Sends without a signature where there is no secret: receivers cannot tell us from anybody else.
    #[must_use]
    pub fn unsigned(mut self) -> Self {
        self.unsigned = true;
        self
    }

    /// Receivers do not look at `webhook-id`: what comes twice is taken twice, and so is not sent again
    /// while it is in doubt.
    #[must_use]
    pub fn ids_ignored(mut self) -> Self {
        self.ids_ignored = true;
        self
    }

    /// Reads the secrets and makes the channel.
    pub fn build(self) -> Result<WebhookChannel, InvalidHttp> {
        if self.secrets.is_empty() && self.secrets_of.is_none() && !self.unsigned {
            return Err(InvalidHttp::new(
                "webhooks have nothing to be signed with: name a secret with .secret(…) or .secrets_of(…), \
                 or say .unsigned()",
            ));
        }
        let mut secrets = Vec::with_capacity(self.secrets.len());
        for source in &self.secrets {
            let secret = source.read()?.expose_secret().parse();
            secrets.push(secret.map_err(|error| InvalidHttp::new(format!("{source}: {error}")))?);
        }
        let idempotence = if self.ids_ignored {
            Idempotence::None
        } else {
            Idempotence::Always
        };
        Ok(WebhookChannel {
            http: Http::new(&self.http, idempotence)?,
            secrets,
            secrets_of: self.secrets_of,
            unsigned: self.unsigned,
            idempotence,
        })
    }
}

impl fmt::Debug for WebhookBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookBuilder")
            .field("http", &self.http)
            .field("secrets", &self.secrets)
            .field("unsigned", &self.unsigned)
            .field("ids_ignored", &self.ids_ignored)
            .finish_non_exhaustive()
    }
}
