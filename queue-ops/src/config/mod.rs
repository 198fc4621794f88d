//! The configuration: one TOML file, each value overridable by the environment.

mod daemon;
mod delivery;
mod invalid;
mod keys;
mod own;
mod source;
mod span;

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use queue_core::catalogue::nearest;
use serde::{Deserialize, Serialize};

pub use daemon::{HttpSection, Listen, SweeperSection};
pub use delivery::DeliverySection;
pub use invalid::InvalidConfig;
pub use keys::{KEYS, Key};
pub use span::{Every, PageSize, Span};

use crate::delivery::DeliveryConfig;
use crate::shown_url;
use crate::telemetry::{LogFormat, LogLevel};

/// What the binaries are told.
///
/// ```
/// use queue_ops::Config;
/// let config = Config::from_toml("[database]\nurl = \"postgres://app:hunter2@db/app\"").unwrap();
/// assert!(!format!("{config} {config:?}").contains("hunter2"));
///
/// let error = Config::from_toml("[database]\nulr = \"sqlite:jobs.db\"").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the configuration:2: there is no key `database.ulr`; the nearest is `database.url`"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
// Tables that nobody knows are refused before: channels and escalations are not read by serde.
#[serde(default)]
#[non_exhaustive]
pub struct Config {
    /// Where the jobs are.
    pub database: DatabaseSection,
    /// What is logged.
    pub log: LogSection,
    /// What the daemon's loops do, and how often.
    pub sweeper: SweeperSection,
    /// Where the daemon tells how it is.
    pub http: HttpSection,
    /// What is delivered, how, and who is told of what goes wrong.
    pub delivery: DeliveryConfig,
    /// Where each value is from that is not a default.
    #[serde(skip)]
    settings: Vec<Setting>,
    /// Variables of the environment that look like settings and are none.
    #[serde(skip)]
    strangers: Vec<String>,
}

/// Where the jobs are.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DatabaseSection {
    /// Its URL.
    pub url: Option<String>,
    /// The file that has the URL.
    pub url_file: Option<PathBuf>,
}

/// Without the password.
impl fmt::Debug for DatabaseSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseSection")
            .field("url", &self.url.as_deref().map(shown_url))
            .field("url_file", &self.url_file)
            .finish()
    }
}

/// What is logged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LogSection {
    /// How.
    pub format: LogFormat,
    /// Which lines.
    pub level: LogLevel,
    /// Where traces are sent to.
    pub traces: Option<String>,
}

/// A value and where it is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Setting {
    /// Its key.
    pub key: Cow<'static, str>,
    /// The value as it may be shown; none where nobody gave one and there is no default.
    pub value: Option<String>,
    /// Where it is from.
    pub origin: Origin,
}

/// Where a value is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The file.
    File,
    /// The environment.
    Environment,
    /// The command line.
    CommandLine,
}

impl Config {
    /// From a file, if one is given, and this process's environment, which wins.
    pub fn read(file: Option<&Path>) -> Result<Self, InvalidConfig> {
        let text = match file {
            None => String::new(),
            Some(path) => text(path)?,
        };
        let name = file.map_or_else(
            || "the configuration".to_owned(),
            |path| path.display().to_string(),
        );
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((
                name.into_string().ok()?,
                value.to_string_lossy().into_owned(),
            ))
        });
        source::read(&name, &text, variables)
    }

    /// From a text alone.
    pub fn from_toml(text: &str) -> Result<Self, InvalidConfig> {
        source::read("the configuration", text, [])
    }

    /// From a text and these variables instead of the process's own.
    ///
    /// ```
    /// use queue_ops::Config;
    /// use queue_ops::telemetry::LogFormat;
    /// let variables = [("LEASEHOLD_LOG_FORMAT".to_owned(), "json".to_owned())];
    /// let config = Config::from_toml_and("[log]\nformat = \"human\"", variables).unwrap();
    /// assert_eq!(config.log.format, LogFormat::Json);
    /// ```
    pub fn from_toml_and(
        text: &str,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, InvalidConfig> {
        source::read("the configuration", text, variables)
    }

    /// The URL of the database, from whichever place has it.
    pub fn database_url(&self) -> Result<Option<String>, InvalidConfig> {
        match (&self.database.url, &self.database.url_file) {
            (Some(url), None) => Ok(Some(url.clone())),
            (None, Some(path)) => Ok(Some(text(path)?.trim().to_owned())),
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(InvalidConfig::TwoUrls),
        }
    }

    /// Names the database as a command line does: nothing else that names one holds any more.
    pub fn override_url(&mut self, url: &str) {
        self.database.url = Some(url.to_owned());
        self.database.url_file = None;
        for setting in &mut self.settings {
            match setting.key.as_ref() {
                "database.url" => {
                    setting.value = Some(toml::Value::String(shown_url(url)).to_string());
                    setting.origin = Origin::CommandLine;
                }
                "database.url_file" => {
                    setting.value = None;
                    setting.origin = Origin::Default;
                }
                _ => {}
            }
        }
    }

    /// Which lines are logged where nobody has said so: a daemon tells more than a command.
    pub fn default_level(&mut self, level: LogLevel) {
        for setting in &mut self.settings {
            if setting.key == "log.level" && setting.origin == Origin::Default {
                setting.value = Some(toml::Value::String(level.to_string()).to_string());
                self.log.level = level;
                return;
            }
        }
    }

    /// All settings as they hold, with secrets masked. Of channels and rules those that somebody has said.
    #[must_use]
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Variables of the environment that begin like settings and are none, each with the one that may
    /// have been meant.
    pub fn strangers(&self) -> impl Iterator<Item = (&str, Option<String>)> {
        let strangers = self.strangers.iter();
        strangers.map(|name| {
            let channels = self.delivery.variables();
            let all = KEYS.iter().map(Key::variable).chain(channels);
            (name.as_str(), nearest(name, all, String::clone))
        })
    }
}

/// As TOML, with secrets masked.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = "";
        for setting in &self.settings {
            let key = setting.key.as_ref();
            let (section, name) = key.rsplit_once('.').unwrap_or(("", key));
            if section != table {
                let gap = if table.is_empty() { "" } else { "\n" };
                if section.starts_with("escalations.") {
                    writeln!(f, "{gap}[[escalations]]")?;
                } else {
                    writeln!(f, "{gap}[{section}]")?;
                }
                table = section;
            }
            match &setting.value {
                Some(value) => writeln!(f, "{name} = {value}")?,
                None => writeln!(f, "# {name} is not set")?,
            }
        }
        Ok(())
    }
}

fn text(path: &Path) -> Result<String, InvalidConfig> {
    let bytes = std::fs::read(path).map_err(|error| InvalidConfig::Unreadable {
        path: path.to_owned(),
        problem: error.to_string(),
    })?;
    // It can be read, and is none: that is another mistake than a path.
    String::from_utf8(bytes).map_err(|error| InvalidConfig::Malformed {
        file: path.display().to_string(),
        place: String::new(),
        problem: format!(
            "byte {} is not UTF-8; write the file as UTF-8",
            error.utf8_error().valid_up_to() + 1
        ),
    })
}
