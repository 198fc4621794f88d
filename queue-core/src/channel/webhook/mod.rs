//! Webhooks, by the Standard Webhooks form.

mod builder;
mod secret;
mod signature;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Body, Method, Request};
use url::Url;

pub use builder::WebhookBuilder;
pub use secret::{InvalidSigningSecret, SigningSecret};

use super::http::{Hidden, Http, Target, judge};
use super::{Capabilities, Channel, Gate, Idempotence, Outgoing, Receipt, SendError};
use crate::Recipient;

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// The secrets of one recipient, the newest first.
pub type SecretsOf = dyn Fn(&Recipient) -> Option<Vec<SigningSecret>> + Send + Sync;

/// Posts messages to URLs, signed as [Standard Webhooks](https://www.standardwebhooks.com) has it.
///
/// The recipient is the URL. The body is what was stored, byte for byte, and `webhook-id` is made of the
/// message's key, so that it is the same on every attempt: by it a receiver knows a message that comes again.
/// Recipients are strangers: see [`HttpOptions`](super::HttpOptions) for where they may lead.
///
/// ```
/// use queue_core::channel::{Channel, Idempotence, SecretSource, WebhookChannel};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let file = std::env::temp_dir().join(format!("whsec-{}", std::process::id()));
/// # std::fs::write(&file, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")?;
/// # let webhooks = WebhookChannel::builder().secret(SecretSource::File(file.clone())).build();
/// # std::fs::remove_file(file)?;
/// # let _ =
/// WebhookChannel::builder()
///     .secret("credential:webhooks-2026".parse()?)
///     .secret("credential:webhooks-2025".parse()?) // signs as well, until all receivers know the new one
///     .build();
/// # let webhooks = webhooks?;
/// assert_eq!(webhooks.capabilities().idempotence, Idempotence::Always);
/// # Ok(())
/// # }
/// ```
pub struct WebhookChannel {
    http: Http,
    secrets: Vec<SigningSecret>,
    secrets_of: Option<Arc<SecretsOf>>,
    unsigned: bool,
    idempotence: Idempotence,
}

impl WebhookChannel {
    /// Describes one.
    #[must_use]
    pub fn builder() -> WebhookBuilder {
        WebhookBuilder::default()
    }

    fn secrets_for(&self, recipient: &Recipient) -> Result<Cow<'_, [SigningSecret]>, SendError> {
        let own = self.secrets_of.as_ref().and_then(|of| of(recipient));
        let secrets = own.map_or(Cow::Borrowed(self.secrets.as_slice()), Cow::Owned);
        if secrets.is_empty() && !self.unsigned {
            // To send it unsigned would teach the receiver not to look.
            return Err(SendError::message_unsupported(
                "there is no secret to sign for this recipient: add one, and send it again",
            ));
        }
        Ok(secrets)
    }

    fn request(
        &self,
        url: Url,
        message: &Outgoing,
        secrets: &[SigningSecret],
    ) -> Result<Request, SendError> {
        let unfit = |_| SendError::message_unsupported("its content type is no header");
        let content_type =
            HeaderValue::from_str(message.payload().content_type()).map_err(unfit)?;
        let id = format!("msg_{}", message.key());
        // Receivers refuse what is minutes old: it is of this attempt, not of the message.
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = now.unwrap_or_default().as_secs();
        let mut request = Request::new(Method::POST, url);
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, content_type);
        if !secrets.is_empty() {
            let value = signature::header(secrets, &id, seconds, message.body());
            headers.insert(SIGNATURE, HeaderValue::from_str(&value).map_err(unfit)?);
        }
        headers.insert(ID, HeaderValue::from_str(&id).map_err(unfit)?);
        headers.insert(TIMESTAMP, HeaderValue::from(seconds));
        *request.body_mut() = Some(Body::from(message.payload().bytes().clone()));
        Ok(request)
    }
}

#[async_trait]
impl Channel for WebhookChannel {
    fn capabilities(&self) -> Capabilities {
        // Who answered is the recipient itself.
        Capabilities::none()
            .idempotent(self.idempotence)
            .accepted_is_delivered()
    }

    async fn send(&self, message: &Outgoing, gate: &mut Gate) -> Result<Receipt, SendError> {
        let recipient = message.recipient();
        let url = Url::parse(recipient.as_str()).map_err(|_| {
            SendError::target_forbidden(
                "the recipient is no URL: write one, like https://host/path",
            )
        })?;
        let secrets = self.secrets_for(recipient)?;
        let hide = |said: &str| {
            let texts = secrets.iter().flat_map(SigningSecret::texts);
            Hidden::default()
                .with(texts)
                .take_out(said, &url, recipient)
        };
        self.http.check(&url).map_err(|why| why.into_error(hide))?;
        gate.connecting();
        gate.commit().await?;
        let request = self.request(url.clone(), message, &secrets)?;
        let answer = self.http.answer(request).await;
        let answer = answer.map_err(|why| why.into_error(hide))?;
        judge(&answer, Target::Recipient, hide)?;
        Ok(Receipt::none())
    }
}

impl fmt::Debug for WebhookChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookChannel")
            .field("secrets", &self.secrets.len())
            .field("unsigned", &self.unsigned)
            .field("idempotence", &self.idempotence)
            .finish_non_exhaustive()
    }
}
