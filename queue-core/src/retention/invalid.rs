//! What is no rule.

/// Why something is no rule of retention, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {problem}; {remedy}")]
pub struct InvalidRetention {
    /// What was refused, shortened and with control characters escaped.
    pub what: String,
    /// What is wrong with it.
    pub problem: String,
    /// What to write or do instead.
    pub remedy: String,
}

impl InvalidRetention {
    pub(super) fn new(what: &str, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            what: what.chars().take(40).flat_map(char::escape_debug).collect(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}
