//! What a failed attempt says about itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{ErrorClass, ReasonCode, StageName};

/// The longest error text that is stored, in bytes; longer ones are cut and say so.
pub const MAX_ERROR_TEXT: usize = 4096;

/// Whether another attempt can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retryability {
    /// Network trouble, overload, conflicts, anything unclassified.
    Retryable,
    /// Validation, authorization, missing input, bugs: the same input fails the same way.
    Permanent,
}

/// A classified failure of one stage.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{ErrorClass, Failure};
/// let busy = Failure::retryable(ErrorClass::new("UPSTREAM_429").unwrap(), "slow down")
///     .retry_after(Duration::from_secs(20));
/// assert!(busy.is_retryable());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Its stable class.
    pub class: ErrorClass,
    /// The error chain as text, at most [`MAX_ERROR_TEXT`] bytes.
    pub message: String,
    /// Whether another attempt can help.
    pub retryability: Retryability,
    /// Why a contract refused its payload or result, if that was it: the code of the first problem.
    pub reason: Option<ReasonCode>,
    /// The stage that failed; `None` for the one the job was in.
    pub stage: Option<StageName>,
    /// How long the other side asked us to wait.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// Another attempt can help.
    pub fn retryable(class: ErrorClass, message: impl Into<String>) -> Self {
        Self::new(class, message.into(), Retryability::Retryable)
    }

    /// No other attempt will help.
    pub fn permanent(class: ErrorClass, message: impl Into<String>) -> Self {
        Self::new(class, message.into(), Retryability::Permanent)
    }

    fn new(class: ErrorClass, message: String, retryability: Retryability) -> Self {
        Self {
            class,
            message: storable(message),
            retryability,
            reason: None,
            stage: None,
            retry_after: None,
        }
    }

    /// Refused for this reason.
    #[must_use]
    pub fn because(mut self, reason: ReasonCode) -> Self {
        self.reason = Some(reason);
        self
    }

    /// In which stage it happened.
    #[must_use]
    pub fn in_stage(mut self, stage: StageName) -> Self {
        self.stage = Some(stage);
        self
    }

    /// Not before this long.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Whether another attempt can help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.retryability == Retryability::Retryable
    }
}

/// Makes an error text storable everywhere: no NUL (Postgres has none), not endless.
fn storable(mut text: String) -> String {
    if text.contains('\0') {
        text = text.replace('\0', "\u{fffd}");
    }
    if text.len() > MAX_ERROR_TEXT {
        let note = " … (cut)";
        let end = (0..=MAX_ERROR_TEXT - note.len())
            .rev()
            .find(|i| text.is_char_boundary(*i));
        text.truncate(end.unwrap_or(0));
        text.push_str(note);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_texts_are_cut_at_a_character_and_have_no_nul() {
        let failure = Failure::retryable(ErrorClass::unclassified(), "ä\0".repeat(3000));
        assert!(failure.message.len() <= MAX_ERROR_TEXT);
        assert!(failure.message.ends_with("(cut)"));
        assert!(!failure.message.contains('\0'));
    }
}
