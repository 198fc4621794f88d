//! Why a configuration is refused.

use std::path::{Path, PathBuf};
use std::str::Utf8Error;

use queue_ops::{Exit, InvalidConfig};

/// What is wrong with it and what to write instead.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidServiceConfig {
    /// The file cannot be read.
    #[error("{} cannot be read: {problem}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// It is not TOML, or not what the service is told by.
    #[error("{}{place}: {problem}", path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
        /// Where in it, as `:line:column`; empty if nobody knows.
        place: String,
        /// What is wrong.
        problem: String,
    },
    /// A value that cannot be.
    #[error("{}: {problem}", file.display())]
    Wrong {
        /// In which file.
        file: PathBuf,
        /// What is wrong, and what to write.
        problem: String,
    },
    /// Something is wrong with the library's own file.
    #[error(transparent)]
    Shared(#[from] InvalidConfig),
}

impl InvalidServiceConfig {
    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            problem: error.to_string(),
        }
    }

    pub(super) fn not_text(path: &Path, error: Utf8Error) -> Self {
        let byte = error.valid_up_to() + 1;
        Self::Malformed {
            path: path.to_owned(),
            place: String::new(),
            problem: format!("byte {byte} is not UTF-8; write the file as UTF-8"),
        }
    }

    /// Without the line itself: somebody may have written a secret where it does not belong.
    pub(super) fn malformed(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let before = error.span().and_then(|span| text.get(..span.start));
        let place = before.map(|before| {
            let line = before.matches('\n').count() + 1;
            let column = before
                .rsplit('\n')
                .next()
                .unwrap_or_default()
                .chars()
                .count()
                + 1;
            format!(":{line}:{column}")
        });
        Self::Malformed {
            path: path.to_owned(),
            place: place.unwrap_or_default(),
            problem: error.message().trim().replace('\n', ", "),
        }
    }

    /// What a process ends with for it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Unreadable { .. } => Exit::Input,
            Self::Shared(error) => Exit::of_config(error),
            Self::Malformed { .. } | Self::Wrong { .. } => Exit::Config,
        }
    }
}
