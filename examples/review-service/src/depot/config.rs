//! How the depot is asked.

use std::path::PathBuf;

use queue_ops::Span;
use serde::Deserialize;

/// The smallest and the largest answer that is read; what is stored of it is redacted and kept with the job.
const SMALLEST_OUTPUT: usize = 4 * 1024;
const LARGEST_OUTPUT: usize = 64 * 1024 * 1024;

/// How the depot's client is started.
///
/// ```
/// use review_service::depot::{P4, P4Config};
/// let config: P4Config = toml::from_str("executable = '/usr/bin/p4'\nport = 'ssl:depot:1666'").unwrap();
/// assert_eq!(config.timeout.to_string(), "15s");
/// assert!(P4::new(config).is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct P4Config {
    /// The client, by its whole path.
    pub executable: PathBuf,
    /// Where the depot is; the client's `P4PORT`.
    #[serde(default)]
    pub port: Option<String>,
    /// As whom; the client's `P4USER`.
    #[serde(default)]
    pub user: Option<String>,
    /// The file with the tickets that `p4 login` wrote, so that no password is needed; the client's `P4TICKETS`.
    #[serde(default)]
    pub tickets: Option<PathBuf>,
    /// The file with the fingerprints of trusted depots; the client's `P4TRUST`.
    #[serde(default)]
    pub trust: Option<PathBuf>,
    /// How long it may take.
    #[serde(default = "timeout")]
    pub timeout: Span,
    /// How much of its answer is read, in bytes; the rest is cut off.
    #[serde(default = "max_output")]
    pub max_output: usize,
}

fn timeout() -> Span {
    Span::secs(15)
}

fn max_output() -> usize {
    1024 * 1024
}

/// The depot's client cannot be started as it is configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("depot.{key}: {problem}")]
pub struct InvalidP4 {
    /// Which setting.
    pub key: &'static str,
    /// What is wrong with it, and what to write instead.
    pub problem: String,
}

impl P4Config {
    /// The client at that path, with everything else as it is by default.
    #[must_use]
    pub fn new(executable: impl Into<PathBuf>) -> Self {
        Self {
            executable: executable.into(),
            port: None,
            user: None,
            tickets: None,
            trust: None,
            timeout: timeout(),
            max_output: max_output(),
        }
    }

    pub(super) fn check(&self) -> Result<(), InvalidP4> {
        let invalid = |key, problem: &str| {
            let problem = problem.to_owned();
            Err(InvalidP4 { key, problem })
        };
        if !self.executable.is_absolute() {
            return invalid("executable", "is no whole path; write it like /usr/bin/p4");
        }
        let texts = [("port", &self.port), ("user", &self.user)];
        for (key, text) in texts {
            let unusable = |text: &String| text.is_empty() || text.contains(char::is_control);
            if text.as_ref().is_some_and(unusable) {
                return invalid(
                    key,
                    "is empty or has a control character; leave it out or write it in one line",
                );
            }
        }
        for (key, path) in [("tickets", &self.tickets), ("trust", &self.trust)] {
            if path.as_ref().is_some_and(|path| !path.is_absolute()) {
                return invalid(
                    key,
                    "is no whole path; the client does not run in the folder of the service",
                );
            }
        }
        if !(SMALLEST_OUTPUT..=LARGEST_OUTPUT).contains(&self.max_output) {
            return invalid("max_output", "write 4096 to 67108864 bytes");
        }
        Ok(())
    }

    /// All of the environment that the client gets.
    pub(super) fn environment(&self) -> Vec<(&'static str, std::ffi::OsString)> {
        // Errors are told apart by their words.
        let mut variables = vec![("LC_ALL", "C.UTF-8".into())];
        let texts = [("P4PORT", &self.port), ("P4USER", &self.user)];
        let texts = texts
            .into_iter()
            .filter_map(|(name, text)| Some((name, text.as_ref()?.into())));
        let files = [("P4TICKETS", &self.tickets), ("P4TRUST", &self.trust)];
        let files = files
            .into_iter()
            .filter_map(|(name, path)| Some((name, path.as_ref()?.into())));
        variables.extend(texts);
        variables.extend(files);
        variables
    }
}
