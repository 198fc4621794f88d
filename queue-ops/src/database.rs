//! A store by its URL.

use std::sync::Arc;

use queue_core::migration::{MigrationTarget, Survey};
use queue_core::{Act, Store, StoreError};
use queue_postgres::{PostgresOptions, PostgresStore};
use queue_sqlite::{SqliteOptions, SqliteStore};

use crate::doctor::BackendFacts;
use crate::shown_url;

/// Where a database is and what it is, before anything is opened.
#[derive(Debug, Clone)]
pub struct Database {
    options: Options,
    shown: String,
}

#[derive(Debug, Clone)]
enum Options {
    Sqlite(SqliteOptions),
    Postgres(Box<PostgresOptions>),
}

/// What a database is kept in, for what is done with each kind in its own way.
#[derive(Debug, Clone)]
pub enum Backing {
    /// A file of this machine.
    File(SqliteOptions),
    /// A server.
    Server(Box<PostgresOptions>),
}

/// A database that is open.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The ports: all that most need.
    pub store: Arc<dyn Store>,
    /// The same store as what it is.
    pub backend: Backend,
}

/// A store with what only its backend has.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Backend {
    /// A file of this machine.
    Sqlite(SqliteStore),
    /// A server.
    Postgres(PostgresStore),
}

impl Database {
    /// By a URL: `sqlite:path` or `postgres://user@host/database`, with the parameters of
    /// [`SqliteOptions::from_url`] and [`PostgresOptions::new`]. No error shows a password.
    ///
    /// ```
    /// use queue_ops::Database;
    /// let database = Database::parse("postgres://app:hunter2@db.internal/app").unwrap();
    /// assert_eq!(database.shown(), "postgres://app@db.internal/app");
    /// let error = Database::parse("mysql://app:hunter2@db/app").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the database URL: its scheme is mysql; write sqlite:path/to/jobs.db or \
    ///      postgres://user@host/database"
    /// );
    /// ```
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        let scheme = url.split_once(':').map(|(scheme, _)| scheme);
        let options = match scheme {
            Some("sqlite") => Options::Sqlite(SqliteOptions::from_url(url)?),
            Some("postgres" | "postgresql") => {
                Options::Postgres(Box::new(PostgresOptions::new(url)?))
            }
            other => return Err(unknown(other)),
        };
        Ok(Self {
            options,
            shown: shown_url(url),
        })
    }

    /// The URL without its password.
    #[must_use]
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.options {
            Options::Sqlite(_) => "sqlite",
            Options::Postgres(_) => "postgres",
        }
    }

    /// What it is kept in.
    ///
    /// ```
    /// use queue_ops::{Backing, Database};
    /// let database = Database::parse("sqlite:jobs.db").unwrap();
    /// assert!(matches!(database.backing(), Backing::File(file) if file.path().ends_with("jobs.db")));
    /// ```
    #[must_use]
    pub fn backing(&self) -> Backing {
        match &self.options {
            Options::Sqlite(options) => Backing::File(options.clone()),
            Options::Postgres(options) => Backing::Server(options.clone()),
        }
    }

    /// Whether there is something to open: a file that is not there yet is made by
    /// [`Self::migrate_to`], a server is there or does not answer.
    #[must_use]
    pub fn is_there(&self) -> bool {
        match &self.options {
            Options::Sqlite(options) => options.path().exists(),
            Options::Postgres(_) => true,
        }
    }

    /// Opens it as it is: whatever the URL says, nothing is created and no schema is changed. That is
    /// what [`Self::migrate_to`] is for.
    pub async fn open(&self) -> Result<Opened, StoreError> {
        Ok(match &self.options {
            Options::Sqlite(options) => {
                check_there(options)?;
                let options = options.clone();
                let options = options.create_if_missing(false).migrate_on_open(false);
                let store = options.open().await?;
                Opened {
                    store: Arc::new(store.clone()),
                    backend: Backend::Sqlite(store),
                }
            }
            Options::Postgres(options) => {
                let options = options.as_ref().clone().migrate_on_connect(false);
                let store = options.connect().await?;
                Opened {
                    store: Arc::new(store.clone()),
                    backend: Backend::Postgres(store),
                }
            }
        })
    }

    /// What it has of the schema; nothing is created or changed.
    pub async fn survey(&self) -> Result<Survey, StoreError> {
        match &self.options {
            Options::Sqlite(options) => {
                check_there(options)?;
                options.survey().await
            }
            Options::Postgres(options) => options.survey().await,
        }
    }

    /// What its kind has to tell, before it is opened.
    pub(crate) async fn facts(&self, deep: bool) -> Result<BackendFacts, StoreError> {
        match &self.options {
            Options::Sqlite(options) => {
                check_there(options)?;
                let facts = options.facts(deep).await?;
                Ok(BackendFacts::Sqlite(Box::new(facts)))
            }
            Options::Postgres(options) => {
                let facts = options.facts().await?;
                Ok(BackendFacts::Postgres(Box::new(facts)))
            }
        }
    }

    /// Brings the schema to the newest version, and returns it.
    pub async fn migrate(&self) -> Result<u32, StoreError> {
        self.migrate_to(MigrationTarget::Newest).await
    }

    /// Brings the schema up or down to a version, all or nothing, and returns it.
    pub async fn migrate_to(&self, target: MigrationTarget) -> Result<u32, StoreError> {
        match &self.options {
            Options::Sqlite(options) => options.migrate_to(target).await,
            Options::Postgres(options) => options.migrate_to(target).await,
        }
    }

    /// As [`Self::migrate_to`], on record in the audit trail, unless there was nothing to do.
    pub async fn migrate_by(&self, target: MigrationTarget, act: &Act) -> Result<u32, StoreError> {
        match &self.options {
            Options::Sqlite(options) => options.migrate_by(target, act).await,
            Options::Postgres(options) => options.migrate_by(target, act).await,
        }
    }
}

/// What is said of a file that is not there, to whoever can make it.
fn check_there(options: &SqliteOptions) -> Result<(), StoreError> {
    let path = options.path();
    if path.exists() {
        return Ok(());
    }
    Err(StoreError::refused(
        path.display().to_string(),
        "there is no such file",
        "correct the path, or let `leasehold migrate up` make it",
    ))
}

fn unknown(scheme: Option<&str>) -> StoreError {
    let problem = match scheme {
        // What is longer is no scheme, and may be a secret.
        Some(scheme) if scheme.len() <= 20 => format!("its scheme is {}", scheme.escape_default()),
        _ => "it has no scheme".to_owned(),
    };
    let remedy = "write sqlite:path/to/jobs.db or postgres://user@host/database";
    StoreError::refused("the database URL", problem, remedy)
}

impl Backend {
    /// Ends it in order. What is under way is finished; clones do not work any more.
    pub async fn close(self) {
        match self {
            // Closed by its last clone.
            Self::Sqlite(_) => {}
            Self::Postgres(store) => store.disconnect().await,
        }
    }
}
