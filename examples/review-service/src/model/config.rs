//! How the model is asked.

use std::time::Duration;

use queue_core::channel::SecretSource;
use queue_ops::Span;
use serde::{Deserialize, Serialize};

use super::Endpoint;

/// How the model is asked.
///
/// ```
/// use review_service::model::ModelConfig;
/// let config: ModelConfig = toml::from_str(r#"
///     endpoint = "https://models.example.com/v1/chat/completions"
///     model = "reviewer-large"
///     credential = "credential:model-key"
///     timeout = "90s"
/// "#).unwrap();
/// assert_eq!(config.timeout().as_secs(), 90);
/// // A key itself is not taken, and not repeated in the error.
/// let error = toml::from_str::<ModelConfig>(r#"
///     endpoint = "https://models.example.com/v1/chat/completions"
///     model = "reviewer-large"
///     credential = "hunter2"
/// "#).unwrap_err();
/// assert!(error.message().contains("write file:"), "{}", error.message());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelConfig {
    /// Where it is: the whole URL, with its path.
    pub endpoint: Endpoint,
    /// Which one is asked, by the name that the endpoint knows it by.
    pub model: String,
    /// Where the key is; none for an endpoint that wants none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<SecretSource>,
    /// How long a connection may take; 5 s if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_timeout: Option<Span>,
    /// How long the whole call may take; 2 min if nothing is said. It is to be shorter than the job's deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Span>,
    /// So many bytes of an answer are read, with everything that stands around it; one that is longer is refused.
    #[serde(default = "longest")]
    pub longest_answer: usize,
    /// How free the model is to choose its words; its own default if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
}

/// What the contract reads, escaped once more, and what stands around it.
fn longest() -> usize {
    2 * 1024 * 1024
}

impl ModelConfig {
    /// With everything at its default.
    #[must_use]
    pub fn new(endpoint: Endpoint, model: impl Into<String>) -> Self {
        Self {
            endpoint,
            model: model.into(),
            credential: None,
            connect_timeout: None,
            timeout: None,
            longest_answer: longest(),
            temperature: None,
        }
    }

    /// How long a connection may take.
    #[must_use]
    pub fn connect_timeout(&self) -> Duration {
        self.connect_timeout
            .map_or(Duration::from_secs(5), Span::get)
            .min(self.timeout())
    }

    /// How long the whole call may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout.map_or(Duration::from_secs(120), Span::get)
    }
}
