//! Private databases: one for each run, gone after it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use fixtures::postgres::PostgresCluster;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

/// As in production: nothing that was acknowledged is lost. The sizes are what a small server has;
/// with the defaults, checkpoints in the middle of a run would be most of what is measured.
pub(crate) const POSTGRES_SETTINGS: &[&str] = &[
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "shared_buffers=1GB",
    "max_wal_size=8GB",
    "checkpoint_timeout=15min",
];

/// A kind of database.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// As people write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "Postgres",
        }
    }

    /// As the command line has it.
    pub(crate) fn argument(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// What all runs share: a directory for files, and a server if one is needed.
#[derive(Debug)]
pub(crate) struct Venue {
    directory: TempDir,
    cluster: Option<Arc<PostgresCluster>>,
    places: AtomicU32,
}

impl Venue {
    /// With a server, unless only SQLite is wanted.
    pub(crate) fn open(with_postgres: bool) -> Result<Self> {
        let cluster = if with_postgres {
            let cluster = PostgresCluster::try_start(POSTGRES_SETTINGS)
                .context("starting a private Postgres; install one, or pass --only sqlite")?;
            Some(Arc::new(cluster))
        } else {
            None
        };
        Ok(Self {
            directory: TempDir::with_prefix("leasehold-bench-")
                .context("making a directory for SQLite files")?,
            cluster,
            places: AtomicU32::new(0),
        })
    }

    /// Where SQLite's files are.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The server, if there is one.
    pub(crate) fn cluster(&self) -> Option<&PostgresCluster> {
        self.cluster.as_deref()
    }

    /// An empty database.
    pub(crate) fn place(&self, engine: Engine) -> Result<Place> {
        let name = format!("bench{}", self.places.fetch_add(1, Ordering::Relaxed));
        match engine {
            Engine::Sqlite => {
                let directory = TempDir::with_prefix_in(&name, self.directory.path())
                    .context("making a directory for a SQLite file")?;
                let path = directory.path().join("jobs.db");
                let path = path.to_str().context("the temporary path is not UTF-8")?;
                Ok(Place {
                    engine,
                    address: path.to_owned(),
                    _tenancy: Tenancy::Directory { _kept: directory },
                })
            }
            Engine::Postgres => {
                let cluster = self.cluster.as_ref().context("no server was started")?;
                cluster
                    .sql("postgres", &format!("CREATE DATABASE {name}"))
                    .context("creating a database")?;
                Ok(Place {
                    engine,
                    address: cluster.url(&name),
                    _tenancy: Tenancy::Database {
                        cluster: Arc::clone(cluster),
                        name,
                    },
                })
            }
        }
    }
}

/// One database, removed when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) engine: Engine,
    /// A path or a URL.
    pub(crate) address: String,
    _tenancy: Tenancy,
}

#[derive(Debug)]
enum Tenancy {
    Directory {
        _kept: TempDir,
    },
    Database {
        cluster: Arc<PostgresCluster>,
        name: String,
    },
}

impl Drop for Tenancy {
    fn drop(&mut self) {
        if let Self::Database { cluster, name } = self {
            let drop = format!("DROP DATABASE {name} WITH (FORCE)");
            if let Err(error) = cluster.sql("postgres", &drop) {
                eprintln!("a database stays until the end: {error}");
            }
        }
    }
}
