//! The call.

use std::time::{Instant, SystemTime};

use queue_core::channel::retry_after;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Response, StatusCode, redirect, retry};
use secrecy::{ExposeSecret, SecretString};

use super::body::{Format, Message, Request};
use super::{Answer, InvalidModel, ModelConfig, ModelError, Prompt, answer, tls};

/// Asks a model by the chat-completions form of OpenAI, which many servers speak.
///
/// One call is one request: whether there is another one is for the job to decide.
#[derive(Debug)]
pub struct ModelClient {
    client: reqwest::Client,
    config: ModelConfig,
    authorization: Option<HeaderValue>,
    policy: String,
}

/// So much of an answer that is none is read: only a code in it counts.
const LONGEST_TROUBLE: usize = 16 * 1024;

impl ModelClient {
    /// For a model, and for the redaction policy that is in force: prompts of another one are not sent. The key is read
    /// now; where it was changed, a new client is made.
    ///
    /// # Errors
    ///
    /// [`InvalidModel`] if the configuration cannot work, the key cannot be read, or there is nothing to trust.
    ///
    /// ```
    /// use review_service::model::{ModelClient, ModelConfig};
    /// let endpoint = "https://models.example.com/v1/chat/completions".parse().unwrap();
    /// let mut config = ModelConfig::new(endpoint, "reviewer-large");
    /// config.credential = Some("file:/does/not/exist".parse().unwrap());
    /// let error = ModelClient::new(config, "the digest of a policy").unwrap_err();
    /// assert!(error.to_string().starts_with("the model: the secret file:/does/not/exist: "));
    /// ```
    pub fn new(
        config: ModelConfig,
        policy_digest: impl Into<String>,
    ) -> Result<Self, InvalidModel> {
        config.check()?;
        let authorization = match &config.credential {
            Some(source) => Some(bearer(&source.read()?)?),
            None => None,
        };
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::settings()?)
            // Where a redirect leads nobody has said, and the key would go there.
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .retry(retry::never())
            .connect_timeout(config.connect_timeout())
            .timeout(config.timeout())
            .user_agent(concat!("review-service/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| InvalidModel::new(told(&error.without_url())))?;
        Ok(Self {
            client,
            config,
            authorization,
            policy: policy_digest.into(),
        })
    }

    /// Has a change reviewed. What comes back is only words until a contract has read it.
    ///
    /// # Errors
    ///
    /// [`ModelError`], which says what follows for the job.
    pub async fn review(&self, prompt: &Prompt) -> Result<Answer, ModelError> {
        let started = Instant::now();
        let ended = match prompt.policy_digest() == self.policy {
            true => self.call(prompt).await,
            false => Err(ModelError::NotRedacted),
        };
        let (changelist, took) = (prompt.changelist(), started.elapsed().as_millis());
        match &ended {
            Ok(answer) => tracing::info!(
                changelist,
                took_ms = took,
                edition = %prompt.edition(),
                bytes = answer.text.len(),
                tokens = answer.usage.completion_tokens,
                "the model has answered"
            ),
            Err(error) => tracing::warn!(
                changelist,
                took_ms = took,
                edition = %prompt.edition(),
                class = error.class(),
                "the model has not answered: {error}"
            ),
        }
        ended
    }

    async fn call(&self, prompt: &Prompt) -> Result<Answer, ModelError> {
        let request = Request {
            model: &self.config.model,
            messages: [
                Message {
                    role: "system",
                    content: prompt.system(),
                },
                Message {
                    role: "user",
                    content: prompt.user(),
                },
            ],
            response_format: Format {
                kind: "json_object",
            },
            temperature: self.config.temperature,
        };
        let body = serde_json::to_vec(&request)
            .map_err(|_| ModelError::NoCompletion("the request cannot be written"))?;
        let url = self.config.endpoint.url().clone();
        let mut call = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        if let Some(authorization) = &self.authorization {
            call = call.header(AUTHORIZATION, authorization);
        }
        let response = call.send().await.map_err(unanswered)?;
        match response.status() {
            StatusCode::OK => {
                let limit = self.config.longest_answer;
                let body = whole(response, limit).await?;
                Answer::read(&body)
            }
            _ => Err(refusal(response).await),
        }
    }
}

fn bearer(key: &SecretString) -> Result<HeaderValue, InvalidModel> {
    let text = SecretString::from(format!("Bearer {}", key.expose_secret()));
    let mut value = HeaderValue::from_str(text.expose_secret()).map_err(|_| {
        InvalidModel::new("its key is no header value: it must be one line of printable ASCII")
    })?;
    // Keeps it out of the logs of libraries, and out of HTTP/2's tables.
    value.set_sensitive(true);
    Ok(value)
}

/// All of an answer, unless there is too much of it: then nothing more is read.
async fn whole(mut response: Response, limit: usize) -> Result<Vec<u8>, ModelError> {
    let too_large = ModelError::TooLarge { limit };
    let said = response.content_length().unwrap_or(0);
    if usize::try_from(said).map_or(true, |said| said > limit) {
        return Err(too_large);
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Err(too_large),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) => return Err(unanswered(error)),
        }
    }
}

/// What a status means that is not 200.
async fn refusal(response: Response) -> ModelError {
    let status = response.status().as_u16();
    let wait = asked_to_wait(response.headers());
    // What cannot be read has no code; the status counts in any case.
    let body = whole(response, LONGEST_TROUBLE).await.unwrap_or_default();
    let code = answer::code(&body);
    match status {
        408 | 425 | 429 => ModelError::Busy { status, code, wait },
        500.. => ModelError::Unavailable { status, code, wait },
        401..=403 => ModelError::Denied { status, code },
        _ => ModelError::Refused { status, code },
    }
}

fn asked_to_wait(headers: &HeaderMap) -> Option<std::time::Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    retry_after(text(RETRY_AFTER)?, text(DATE), SystemTime::now())
}

/// What it means that there is no answer, or no whole one.
fn unanswered(error: reqwest::Error) -> ModelError {
    let error = error.without_url();
    if error.is_timeout() {
        return ModelError::TimedOut(match error.is_connect() {
            true => "connecting",
            false => "waiting for the answer",
        });
    }
    if error.is_connect() {
        return ModelError::Unreachable(told(&error));
    }
    ModelError::BrokenOff
}

/// The innermost cause: what the system or TLS said. It is about the connection, before anything was sent.
fn told(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
