//! Why a channel over HTTP was not built.

/// A channel over HTTP cannot be as it was described.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidHttp(String);

impl InvalidHttp {
    /// What is wrong, and what to write instead; without secrets.
    pub(crate) fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }
}

impl From<crate::channel::SecretUnavailable> for InvalidHttp {
    fn from(error: crate::channel::SecretUnavailable) -> Self {
        Self(error.to_string())
    }
}
