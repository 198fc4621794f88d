//! Why there is no redacted text.

/// Nothing may leave then. No part of the text is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedactionError {
    /// The rules took more steps than its length allows.
    #[error("the redaction took {spent} steps where {allowed} are allowed; nothing was sent")]
    TooMuchWork {
        /// How many it took.
        spent: u64,
        /// How many its length allows.
        allowed: u64,
    },
    /// The rules still found something in what they had redacted.
    #[error("the redaction does not come to an end; nothing was sent")]
    Unstable,
    /// The result would have other lines than the text.
    #[error("the redaction would move lines, from {before} to {after}; nothing was sent")]
    LinesMoved {
        /// How many line feeds there were.
        before: usize,
        /// How many there would be.
        after: usize,
    },
}
