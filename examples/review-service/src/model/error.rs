//! Why there is no answer.

use std::time::Duration;

use queue_core::channel::SecretUnavailable;
use queue_core::{Failure, JobError};

/// The model cannot be asked as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the model: {0}")]
pub struct InvalidModel(String);

impl InvalidModel {
    pub(super) fn new(said: impl Into<String>) -> Self {
        Self(said.into())
    }
}

impl From<SecretUnavailable> for InvalidModel {
    fn from(error: SecretUnavailable) -> Self {
        Self(error.to_string())
    }
}

/// Why there is no answer. No variant has anything that the model or its server wrote, but for a code that is known: both
/// like to repeat what they were sent, and that must not end in a dead letter.
///
/// | error | class | retried |
/// |---|---|---|
/// | [`NotRedacted`](Self::NotRedacted) | `REDACTION_MISSING` | no |
/// | [`TimedOut`](Self::TimedOut) | `NETWORK_TIMEOUT` | yes |
/// | [`Unreachable`](Self::Unreachable), [`BrokenOff`](Self::BrokenOff) | `NETWORK_UNREACHABLE` | yes |
/// | [`Busy`](Self::Busy): 408, 425, 429 | `MODEL_BUSY` | yes, not before the server says |
/// | [`Unavailable`](Self::Unavailable): 5xx | `MODEL_UNAVAILABLE` | yes, likewise |
/// | [`Denied`](Self::Denied): 401, 402, 403 | `AUTH_DENIED` | no |
/// | [`Refused`](Self::Refused): 3xx, other 4xx, or the model will not | `MODEL_REFUSED` | no |
/// | [`TooLarge`](Self::TooLarge) | `MODEL_ANSWER_TOO_LARGE` | no |
/// | [`CutShort`](Self::CutShort) | `MODEL_ANSWER_CUT_SHORT` | no |
/// | [`NoCompletion`](Self::NoCompletion) | `MODEL_ANSWER_INVALID` | no |
///
/// ```
/// use std::time::Duration;
/// use review_service::model::ModelError;
/// let busy = ModelError::Busy { status: 429, code: None, wait: Some(Duration::from_secs(20)) };
/// let failure = busy.failure();
/// assert!(failure.is_retryable());
/// assert_eq!((failure.class.as_str(), failure.retry_after), ("MODEL_BUSY", Some(Duration::from_secs(20))));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The guard: what was to go out did not pass the redaction that is in force.
    #[error(
        "the prompt was not redacted by the policy in force, and was not sent: build it anew from the change"
    )]
    NotRedacted,
    /// No answer, or no whole one, in time.
    #[error("the model did not answer in time ({0})")]
    TimedOut(&'static str),
    /// No connection.
    #[error("the model cannot be reached: {0}")]
    Unreachable(String),
    /// The connection ended before the answer did.
    #[error("the model broke off before the end of its answer")]
    BrokenOff,
    /// Asked too often, or too much at once.
    #[error("the model is busy: {}", told(*.status, *.code))]
    Busy {
        /// The status.
        status: u16,
        /// The server's code.
        code: Option<&'static str>,
        /// How long it asks to wait.
        wait: Option<Duration>,
    },
    /// Its server fails.
    #[error("the model is not available: {}", told(*.status, *.code))]
    Unavailable {
        /// The status.
        status: u16,
        /// The server's code.
        code: Option<&'static str>,
        /// How long it asks to wait.
        wait: Option<Duration>,
    },
    /// It does not let us in.
    #[error("the model does not let us in: {}; see whether its key is the right one", told(*.status, *.code))]
    Denied {
        /// The status.
        status: u16,
        /// The server's code.
        code: Option<&'static str>,
    },
    /// It does not take this request.
    #[error("the model refused: {}", told(*.status, *.code))]
    Refused {
        /// The status.
        status: u16,
        /// The server's code, or the model's own refusal.
        code: Option<&'static str>,
    },
    /// Its answer is longer than anybody reads.
    #[error("the answer is longer than {limit} bytes, and was not read to its end")]
    TooLarge {
        /// What is read.
        limit: usize,
    },
    /// It stopped before it was done: it may not write as much.
    #[error(
        "the model stopped before the end of its answer: it may not write as much as it has to say"
    )]
    CutShort,
    /// What it answered is no chat completion.
    #[error("what was answered is no chat completion: {0}")]
    NoCompletion(&'static str),
}

fn told(status: u16, code: Option<&str>) -> String {
    match code {
        Some(code) => format!("{status}, {code}"),
        None => status.to_string(),
    }
}

impl ModelError {
    /// Its class.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::NotRedacted => "REDACTION_MISSING",
            Self::TimedOut(_) => "NETWORK_TIMEOUT",
            Self::Unreachable(_) | Self::BrokenOff => "NETWORK_UNREACHABLE",
            Self::Busy { .. } => "MODEL_BUSY",
            Self::Unavailable { .. } => "MODEL_UNAVAILABLE",
            Self::Denied { .. } => "AUTH_DENIED",
            Self::Refused { .. } => "MODEL_REFUSED",
            Self::TooLarge { .. } => "MODEL_ANSWER_TOO_LARGE",
            Self::CutShort => "MODEL_ANSWER_CUT_SHORT",
            Self::NoCompletion(_) => "MODEL_ANSWER_INVALID",
        }
    }

    /// Whether another attempt can help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::TimedOut(_)
                | Self::Unreachable(_)
                | Self::BrokenOff
                | Self::Busy { .. }
                | Self::Unavailable { .. }
        )
    }

    /// How long its server asks to wait.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        match self {
            Self::Busy { wait, .. } | Self::Unavailable { wait, .. } => *wait,
            _ => None,
        }
    }

    /// What ends the attempt.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let error = match self.is_retryable() {
            true => JobError::retryable(self.class(), self),
            false => JobError::permanent(self.class(), self),
        };
        let error = match self.wait() {
            Some(wait) => error.retry_after(wait),
            None => error,
        };
        error.failure().clone()
    }
}

#[cfg(test)]
mod tests {
    use queue_core::ErrorClass;

    use super::*;

    #[test]
    fn every_class_is_one() {
        let some = || Some("server_error");
        for error in [
            ModelError::NotRedacted,
            ModelError::TimedOut("connecting"),
            ModelError::Unreachable("refused".to_owned()),
            ModelError::BrokenOff,
            ModelError::Busy {
                status: 429,
                code: some(),
                wait: None,
            },
            ModelError::Unavailable {
                status: 500,
                code: some(),
                wait: None,
            },
            ModelError::Denied {
                status: 401,
                code: None,
            },
            ModelError::Refused {
                status: 400,
                code: some(),
            },
            ModelError::TooLarge { limit: 7 },
            ModelError::CutShort,
            ModelError::NoCompletion("it is no JSON"),
        ] {
            let failure = error.failure();
            assert_eq!(failure.class, ErrorClass::new(error.class()).unwrap());
            assert_eq!(failure.is_retryable(), error.is_retryable());
            assert_eq!(failure.message, error.to_string());
        }
    }
}
