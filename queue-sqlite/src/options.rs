//! Where the database is and how it is opened.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use queue_core::{Clock, StoreError};

use crate::url;

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// The loss of power: each commit is on the disk before it is answered. The default.
    #[default]
    Full,
    /// The death of the process, but not always the loss of power: the last commits before it may be
    /// gone, so an accepted job may be lost. Many times faster for small commits.
    Normal,
}

/// How to open a store.
///
/// ```
/// use std::time::Duration;
/// use queue_sqlite::{SqliteOptions, Synchronous};
/// # let dir = tempfile::tempdir().unwrap();
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = SqliteOptions::new(dir.path().join("jobs.db"))
///     .synchronous(Synchronous::Full)
///     .busy_timeout(Duration::from_secs(10))
///     .open()
///     .await
///     .unwrap();
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    path: PathBuf,
    synchronous: Synchronous,
    busy_timeout: Duration,
    create_if_missing: bool,
    migrate_on_open: bool,
    clock: Clock,
}

impl SqliteOptions {
    /// A database file with the defaults: durable commits, 5 s of patience with other processes,
    /// created and given its schema when it is new.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            synchronous: Synchronous::Full,
            busy_timeout: Duration::from_secs(5),
            create_if_missing: true,
            migrate_on_open: true,
            clock: Clock::Database,
        }
    }

    /// From a URL: `sqlite:path`, with the parameters `synchronous` (`full`, `normal`),
    /// `busy_timeout` (like `5s`), `create` and `migrate` (`true`, `false`).
    ///
    /// ```
    /// use queue_sqlite::SqliteOptions;
    /// let options = SqliteOptions::from_url("sqlite:jobs.db?synchronous=full&busy_timeout=5s").unwrap();
    /// assert_eq!(options.path().to_str(), Some("jobs.db"));
    /// let error = SqliteOptions::from_url("sqlite:jobs.db?sync=full").unwrap_err();
    /// assert!(error.to_string().contains("there is no parameter `sync`"));
    /// ```
    pub fn from_url(url: &str) -> Result<Self, StoreError> {
        url::parse(url)
    }

    /// What a commit survives.
    #[must_use]
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// For how long a write waits for other processes before it is [`StoreError::Busy`].
    #[must_use]
    pub fn busy_timeout(mut self, patience: Duration) -> Self {
        self.busy_timeout = patience;
        self
    }

    /// Whether a missing file is created (the default) or refused.
    #[must_use]
    pub fn create_if_missing(mut self, create: bool) -> Self {
        self.create_if_missing = create;
        self
    }

    /// Whether a database without any Leasehold schema is given one when it is opened (the default)
    /// or refused. A schema of an older version is never changed by opening: that is what
    /// [`Self::migrate`] is for.
    #[must_use]
    pub fn migrate_on_open(mut self, migrate: bool) -> Self {
        self.migrate_on_open = migrate;
        self
    }

    /// Where the store takes its time from: [`Clock::Database`] unless it is a test.
    ///
    /// SQLite has no clock of its own, so the database's time is this host's wall clock, never
    /// behind a high-water mark that the database remembers (to within 100 ms, so that not every
    /// commit pays for it). Inside a process time never runs back, and a wall clock that is put back
    /// does not stop it. A manual clock's time is taken as it is and not remembered.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn durability(&self) -> Synchronous {
        self.synchronous
    }

    pub(crate) fn patience(&self) -> Duration {
        self.busy_timeout
    }

    pub(crate) fn creates(&self) -> bool {
        self.create_if_missing
    }

    pub(crate) fn migrates(&self) -> bool {
        self.migrate_on_open
    }

    pub(crate) fn time_source(&self) -> &Clock {
        &self.clock
    }
}

impl FromStr for SqliteOptions {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<Self, StoreError> {
        Self::from_url(url)
    }
}
