//! Logs: for people on a terminal, for the journal of systemd, as JSON for machines; always on stderr.

mod journal;

use std::fmt;
use std::io::{self, IsTerminal};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tracing::Subscriber;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
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
    /// Lines for systemd's journal: with a priority, without a time. Lines for people become such where
    /// stderr leads to the journal.
    Journal,
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
    start_adjustable(format, level, colour, Vec::new()).is_some()
}

/// What hears of spans and events besides the log.
pub type Listener = Box<dyn Layer<Registry> + Send + Sync>;

/// As [`start`]; the level can be changed afterwards, and others may listen, too.
pub fn start_adjustable(
    format: LogFormat,
    level: &LogLevel,
    colour: bool,
    others: Vec<Listener>,
) -> Option<Levels> {
    let targets = LogLevel::targets(&level.0).unwrap_or_default();
    let format = match format {
        #[cfg(unix)]
        LogFormat::Human if journal::is_stderr() => LogFormat::Journal,
        asked => asked,
    };
    let lines = lines(format, colour && io::stderr().is_terminal(), io::stderr);
    let (filter, handle) = reload::Layer::new(targets);
    let mut listeners = vec![lines.with_filter(filter).boxed()];
    listeners.extend(others);
    tracing::subscriber::set_global_default(Registry::default().with(listeners)).ok()?;
    Some(Levels(handle))
}

fn lines<S, W>(format: LogFormat, ansi: bool, writer: W) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = layer::layer().with_writer(writer);
    match format {
        LogFormat::Human => lines.with_ansi(ansi).with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Journal => lines
            .with_ansi(false)
            .event_format(journal::Prioritized::default())
            .boxed(),
    }
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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(text)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn said(format: LogFormat) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = Registry::default().with(lines(format, false, move || writer.clone()));
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!(code = "STORE_BUSY", "it failed");
            tracing::info!(rows = 3, "swept");
        });
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn the_journal_gets_priorities_and_has_the_time_itself() {
        assert_eq!(
            said(LogFormat::Journal),
            "<3>it failed code=\"STORE_BUSY\"\n<6>swept rows=3\n"
        );
    }

    #[test]
    fn people_and_machines_get_the_time() {
        let human = said(LogFormat::Human);
        assert!(human.contains("Z ERROR it failed code="), "{human}");
        let json = said(LogFormat::Json);
        let first: serde_json::Value = json.lines().next().unwrap().parse().unwrap();
        assert_eq!(
            (&first["level"], &first["code"]),
            (&"ERROR".into(), &"STORE_BUSY".into())
        );
    }
}
