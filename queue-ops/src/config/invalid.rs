//! Why a configuration is refused.

use std::path::PathBuf;

use crate::delivery::InvalidDelivery;

/// What is wrong with it and what to write instead. None shows a value that may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidConfig {
    /// The file cannot be read.
    #[error("{} cannot be read: {problem}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// The file is not TOML, or a value is not of the key's type.
    #[error("{file}{place}: {problem}")]
    Malformed {
        /// The file's name.
        file: String,
        /// Where in it, as `:line:column`; empty if nobody knows.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// There is no such key.
    #[error("{file}:{line}: there is no key `{key}`; the nearest is `{nearest}`")]
    Unknown {
        /// The file's name.
        file: String,
        /// Where.
        line: usize,
        /// What was written.
        key: String,
        /// What may have been meant.
        nearest: &'static str,
    },
    /// A variable of the environment has a value that its key cannot have.
    #[error("the variable {variable} of the environment: {problem}")]
    Variable {
        /// Which.
        variable: String,
        /// What is wrong.
        problem: String,
    },
    /// Two keys that say the same thing.
    #[error("`database.url` and `database.url_file` are both given: give one of them")]
    TwoUrls,
    /// What a key names is not there, or is not what it should be.
    #[error("`{key}`: {problem}")]
    Unusable {
        /// Which.
        key: &'static str,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Something is wrong with channels or rules.
    #[error(transparent)]
    Delivery(#[from] InvalidDelivery),
    /// Several of these: first what is wrong in the file, in its order, then variables, then channels and rules.
    #[error("{}", lines(.0))]
    Several(Vec<Self>),
}

impl InvalidConfig {
    /// Refuses where anything is wrong.
    pub(super) fn unless_none(mut problems: Vec<Self>) -> Result<(), Self> {
        match problems.pop() {
            None => Ok(()),
            Some(only) if problems.is_empty() => Err(only),
            Some(last) => {
                problems.push(last);
                Err(Self::Several(problems))
            }
        }
    }
}

fn lines(problems: &[InvalidConfig]) -> String {
    let lines: Vec<_> = problems.iter().map(InvalidConfig::to_string).collect();
    lines.join("\n")
}
