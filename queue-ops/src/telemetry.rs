//! Logs: for people on a terminal, as JSON for machines; always on stderr.

use std::fmt;
use std::io::{self, IsTerminal};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry, fmt as layer, reload};

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Human,
    /// An object per line.
    Json,
}

/// Which lines are written: a level, or levels by target, as `warn,queue_core=debug`.
///
/// ```
/// use queue_ops::telemetry::LogLevel;
/// let level: LogLevel = "warn,queue_core=debug".parse().unwrap();
/// assert_eq!(level.to_string(), "warn,queue_core=debug");
/// let error = "loud".parse::<LogLevel>().unwrap_err();
/// assert_eq!(
///     error,
///     "`loud` is not a level of logs: write error, warn, info, debug, trace or off, and for single \
///      targets as warn,queue_core=debug"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LogLevel(String);

impl Default for LogLevel {
    fn default() -> Self {
        Self("warn,sqlx=error".to_owned())
    }
}

impl LogLevel {
    fn targets(text: &str) -> Option<Targets> {
        let known =
            |level: &str| ["error", "warn", "info", "debug", "trace", "off"].contains(&level);
        // A word that is no level would be taken for a target of which everything is wanted.
        let named = text.split(',').all(|part| match part.split_once('=') {
            Some((target, level)) => !target.is_empty() && known(level),
            None => known(part),
        });
        named.then(|| text.parse().ok()).flatten()
    }
}

impl FromStr for LogLevel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if Self::targets(text).is_some() {
            return Ok(Self(text.to_owned()));
        }
        let shown: String = text
            .chars()
            .take(60)
            .flat_map(char::escape_default)
            .collect();
        Err(format!(
            "`{shown}` is not a level of logs: write error, warn, info, debug, trace or off, and for \
             single targets as warn,queue_core=debug"
        ))
    }
}

impl TryFrom<String> for LogLevel {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<LogLevel> for String {
    fn from(level: LogLevel) -> Self {
        level.0
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Sends this process's log lines to stderr from now on. `false` if something does so already: then
/// nothing is changed.
pub fn start(format: LogFormat, level: &LogLevel, colour: bool) -> bool {
    start_adjustable(format, level, colour).is_some()
}

/// As [`start`]; the level can be changed afterwards.
pub fn start_adjustable(format: LogFormat, level: &LogLevel, colour: bool) -> Option<Levels> {
    let targets = LogLevel::targets(&level.0).unwrap_or_default();
    let lines = layer::layer().with_writer(io::stderr);
    let lines = match format {
        LogFormat::Human => lines
            .with_ansi(colour && io::stderr().is_terminal())
            .with_target(false)
            .boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let (filter, handle) = reload::Layer::new(targets);
    let subscriber = Registry::default().with(lines.with_filter(filter));
    tracing::subscriber::set_global_default(subscriber).ok()?;
    Some(Levels(handle))
}

/// Which lines a running process logs.
#[derive(Debug, Clone)]
pub struct Levels(reload::Handle<Targets, Registry>);

impl Levels {
    /// From now on these.
    pub fn set(&self, level: &LogLevel) {
        // Fails only where the subscriber is gone, and with it all lines.
        let _ = self
            .0
            .reload(LogLevel::targets(&level.0).unwrap_or_default());
    }
}
