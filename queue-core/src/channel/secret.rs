//! Where secrets come from: named in the configuration, never written there.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// A secret could not be read, or its source is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret {source_text}: {problem}")]
pub struct SecretUnavailable {
    /// Where it was to come from.
    pub source_text: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// Where a secret comes from.
///
/// ```
/// use queue_core::channel::SecretSource;
/// let source: SecretSource = "credential:smtp-password".parse().unwrap();
/// assert_eq!(source.to_string(), "credential:smtp-password");
/// // A secret itself is no source, and is not repeated in the error.
/// let error = "hunter2".parse::<SecretSource>().unwrap_err().to_string();
/// assert!(error.contains("write file:") && !error.contains("hunter2"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SecretSource {
    /// A file; a line feed at its end does not count.
    File(PathBuf),
    /// A credential that systemd passes: a file of that name in `$CREDENTIALS_DIRECTORY`.
    Credential(String),
    /// An environment variable.
    Environment(String),
}

impl SecretSource {
    /// Reads the secret as it is now.
    pub fn read(&self) -> Result<SecretString, SecretUnavailable> {
        let text = match self {
            Self::File(path) => std::fs::read_to_string(path).map_err(|e| self.lacks(&e))?,
            Self::Credential(name) => {
                let folder = std::env::var_os("CREDENTIALS_DIRECTORY").ok_or_else(|| {
                    self.lacks(&"CREDENTIALS_DIRECTORY is not set: systemd sets it for a unit with LoadCredential=")
                })?;
                let path = PathBuf::from(folder).join(name);
                std::fs::read_to_string(path).map_err(|e| self.lacks(&e))?
            }
            Self::Environment(name) => std::env::var(name).map_err(|error| match error {
                std::env::VarError::NotPresent => self.lacks(&"the variable is not set"),
                std::env::VarError::NotUnicode(_) => self.lacks(&"its value is no UTF-8"),
            })?,
        };
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if text.is_empty() {
            return Err(self.lacks(&"it is empty"));
        }
        Ok(SecretString::from(text))
    }

    fn lacks(&self, problem: &dyn fmt::Display) -> SecretUnavailable {
        SecretUnavailable {
            source_text: self.to_string(),
            problem: problem.to_string(),
        }
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Credential(name) => write!(f, "credential:{name}"),
            Self::Environment(name) => write!(f, "env:{name}"),
        }
    }
}

impl FromStr for SecretSource {
    type Err = SecretUnavailable;

    fn from_str(text: &str) -> Result<Self, SecretUnavailable> {
        let wrong = |shown: &str, problem: &str| SecretUnavailable {
            source_text: shown.to_owned(),
            problem: problem.to_owned(),
        };
        match text.split_once(':') {
            Some((_, "")) => Err(wrong(text, "a name is missing after the colon")),
            Some(("file", path)) => Ok(Self::File(PathBuf::from(path))),
            Some(("credential", name)) if name.contains('/') => Err(wrong(
                text,
                "a credential is a name without `/`: for a path write file:",
            )),
            Some(("credential", name)) => Ok(Self::Credential(name.to_owned())),
            Some(("env", name)) => Ok(Self::Environment(name.to_owned())),
            // It may be the secret itself, which must not be repeated.
            _ => Err(wrong(
                "[not shown]",
                "it says not where it is: write file:/path, credential:name or env:NAME",
            )),
        }
    }
}

impl TryFrom<String> for SecretSource {
    type Error = SecretUnavailable;
    fn try_from(text: String) -> Result<Self, SecretUnavailable> {
        text.parse()
    }
}

impl From<SecretSource> for String {
    fn from(source: SecretSource) -> Self {
        source.to_string()
    }
}
