//! Why a contract was not built.

use std::fmt;

/// What is wrong with a contract.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidContract {
    /// The file cannot be read as one.
    #[error("not a contract: {0}")]
    File(#[source] serde_json::Error),
    /// A part of the file cannot be read as what belongs there.
    #[error("not a contract: line {line}, {path}: {why}")]
    Part {
        /// The line of the part.
        line: usize,
        /// The part, as a JSON Pointer into the file.
        path: String,
        /// What is wrong, and what may stand there.
        why: String,
    },
    /// It contradicts itself, or names what is not there; all that was found.
    #[error("the contract cannot be kept: {}", Lines(.0))]
    Contradicts(Vec<String>),
}

struct Lines<'l>(&'l [String]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}
