//! The configuration as this process reads it: the file, the environment, and the command line over both.

use std::path::PathBuf;
use std::time::Duration;

use queue_core::StoreError;
use queue_ops::delivery::InvalidDelivery;
use queue_ops::telemetry::LogLevel;
use queue_ops::{Config, Database, Exit, InvalidConfig, shown_error};

use crate::settings::Settings;

/// How long the last marks of a deliverer may take.
const LAST_MARKS: Duration = Duration::from_secs(10);

/// Where the configuration comes from, so that it can be read again.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The file.
    pub file: Option<PathBuf>,
    /// The URL of the command line.
    pub database: Option<String>,
}

/// A configuration that was read and checked as a whole.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// What was read.
    pub config: Config,
    /// The database's URL, from wherever it came.
    pub(crate) url: String,
    pub(crate) database: Database,
}

/// Why there is no configuration to work with.
#[derive(Debug)]
pub struct Unusable {
    /// What the process ends with.
    pub exit: Exit,
    /// What is wrong, and what to write instead.
    pub problem: String,
}

impl Source {
    /// Reads it, whether a database is named or not.
    pub(crate) fn config(&self) -> Result<Config, Unusable> {
        let mut config = Config::read(self.file.as_deref())?;
        // A daemon whose log says nothing is not trusted.
        if let Ok(level) = "info,sqlx=error".parse::<LogLevel>() {
            config.default_level(level);
        }
        // The option takes the variable's value where it is not given, and the configuration has that.
        let variable = std::env::var("LEASEHOLD_DATABASE_URL").ok();
        if let Some(url) = self
            .database
            .as_ref()
            .filter(|url| variable.as_ref() != Some(*url))
        {
            config.override_url(url);
        }
        Ok(config)
    }

    /// Reads and checks it; connects to nothing.
    pub(crate) fn load(&self) -> Result<Loaded, Unusable> {
        let config = self.config()?;
        let url = config.database_url()?.ok_or_else(|| Unusable {
            exit: Exit::Config,
            problem:
                "no database is named: give --database URL, set LEASEHOLD_DATABASE_URL, or name a \
                      file with `database.url` by --config FILE"
                    .to_owned(),
        })?;
        config.delivery.check()?;
        Ok(Loaded {
            database: Database::parse(&url)?,
            url,
            config,
        })
    }
}

impl Loaded {
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            sweeper: self.config.sweeper.clone(),
            delivery: self.config.delivery.clone(),
        }
    }

    /// How long everything may take to stop. Sends that are under way have their own time for it.
    pub(crate) fn stops_within(&self) -> Duration {
        let loops = self.config.sweeper.stop_timeout.get();
        let delivery = &self.config.delivery;
        if delivery.channels().is_empty() {
            return loops;
        }
        loops.max(delivery.section().grace.get() + LAST_MARKS)
    }

    /// What is different in `other` and cannot change while the process runs.
    pub(crate) fn fixed_changes(&self, other: &Self) -> Vec<&'static str> {
        let changes = [
            ("database.url", self.url != other.url),
            ("http.listen", self.config.http != other.config.http),
            (
                "log.format",
                self.config.log.format != other.config.log.format,
            ),
            (
                "sweeper.name",
                self.config.sweeper.name != other.config.sweeper.name,
            ),
        ];
        let changed = changes.into_iter().filter(|(_, changed)| *changed);
        changed.map(|(key, _)| key).collect()
    }
}

impl From<InvalidConfig> for Unusable {
    fn from(error: InvalidConfig) -> Self {
        Self {
            exit: Exit::of_config(&error),
            problem: error.to_string(),
        }
    }
}

impl From<InvalidDelivery> for Unusable {
    fn from(error: InvalidDelivery) -> Self {
        Self {
            exit: Exit::Config,
            problem: error.to_string(),
        }
    }
}

impl From<StoreError> for Unusable {
    fn from(error: StoreError) -> Self {
        Self {
            exit: Exit::of(&error),
            problem: shown_error(&error),
        }
    }
}
