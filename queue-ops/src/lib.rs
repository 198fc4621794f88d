//! What Leasehold's binaries share: the command line and the daemon.
//!
//! - [`Database`]: a store by its URL, opened without changing its schema.
//! - [`Config`]: one TOML file, each value overridable by the environment.
//! - [`delivery`]: channels and escalations by configuration.
//! - [`doctor`]: what a database promises as it is set up, and what is wrong with that.
//! - [`Exit`]: what a process ends with, and when.
//! - [`archive`]: the older part of the audit trail, into a file.
//! - [`reason`] and [`actor`]: why something is done and who does it, as command lines ask.
//! - [`letters`]: dead letters, page after page.
//! - [`rate`]: rates, as `10/s`.
//! - [`replay`]: plans made and applied.
//! - [`telemetry`]: logs for people or for machines.
//! - [`Signals`]: when a process is asked to stop.
//!
//! Nothing here decides about jobs: `queue-core` does.
//!
//! ```
//! use queue_ops::{Config, Database};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! # let url = format!("sqlite:{}", dir.path().join("jobs.db").display());
//! // let url = "postgres://app@db.internal/app";
//! let config = Config::from_toml(&format!("[database]\nurl = {url:?}"))?;
//! let database = Database::parse(config.database_url()?.as_deref().ok_or("no URL")?)?;
//! database.migrate().await?;
//! let opened = database.open().await?;
//! assert!(opened.store.stats().await?.queues.is_empty());
//! # Ok(())
//! # }
//! ```

mod act;
pub mod archive;
mod audit_key;
mod config;
mod database;
pub mod delivery;
pub mod doctor;
mod exit;
pub mod letters;
pub mod rate;
pub mod replay;
mod shown;
mod signals;
pub mod telemetry;

pub use act::{actor, reason};
pub use archive::{Draft, DraftError};
pub use audit_key::{AuditKey, AuditKeyring, AuditPublicKey, InvalidAuditKey};
pub use config::{
    Config, DatabaseSection, DeliverySection, Every, HttpSection, InvalidConfig, KEYS, Key, Listen,
    LogSection, Origin, PageSize, Setting, Span, SweeperSection,
};
pub use database::{Backend, Backing, Database, Opened};
pub use delivery::{ChannelType, DeliveryConfig, Fingerprint};
pub use exit::Exit;
pub use queue_postgres::{PostgresOptions, PostgresPlace};
pub use queue_sqlite::{BackupError, BackupProgress, SqliteOptions};
pub use shown::{shown_error, shown_url};
pub use signals::{Signal, Signals};
