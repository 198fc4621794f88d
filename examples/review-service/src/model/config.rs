//! How the model is asked.

use std::time::Duration;

use queue_core::channel::SecretSource;
use queue_ops::Span;
use serde::{Deserialize, Serialize};

use super::{Endpoint, InvalidModel};

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

    /// What is in no single field wrong by itself.
    pub(super) fn check(&self) -> Result<(), InvalidModel> {
        let wrong = |said: String| Err(InvalidModel::new(said));
        if self.model.trim().is_empty() {
            return wrong(
                "`model` is empty: write the name that the endpoint knows it by".to_owned(),
            );
        }
        if self.longest_answer < LEAST {
            return wrong(format!(
                "`longest_answer` is {}: write {LEAST} or more, since an answer has as much around it",
                self.longest_answer
            ));
        }
        match self.temperature {
            Some(it) if !(0.0..=2.0).contains(&it) => wrong(format!(
                "`temperature` is {it}: write a number from 0 to 2, or leave it out"
            )),
            _ => Ok(()),
        }
    }
}

/// In fewer bytes nothing can be said.
const LEAST: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_says_what_to_write() {
        let endpoint: Endpoint = "https://models.example.com/v1".parse().unwrap();
        let good = ModelConfig::new(endpoint, "large");
        assert!(good.check().is_ok());
        let refused = |config: ModelConfig| config.check().unwrap_err().to_string();
        let nameless = ModelConfig::new(good.endpoint.clone(), " ");
        assert!(refused(nameless).contains("write the name"));
        let mut short = good.clone();
        short.longest_answer = 10;
        assert!(refused(short).contains("write 4096 or more"));
        for odd in [-0.1, 2.1, f64::NAN] {
            let mut odd_one = good.clone();
            odd_one.temperature = Some(odd);
            assert!(refused(odd_one).contains("from 0 to 2"), "{odd}");
        }
    }
}
