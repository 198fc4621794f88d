//! What is to be known of a file before one relies on it.

use std::path::PathBuf;
use std::time::Duration;

use crate::Synchronous;

/// How a database file lies, and how it is opened; see [`crate::SqliteOptions::facts`]. Nothing here
/// judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteFacts {
    /// Where it is.
    pub path: PathBuf,
    /// The version of the library that is linked.
    pub library: String,
    /// What the store's options say that a commit survives.
    pub synchronous: Synchronous,
    /// Where it lies.
    pub place: PlaceFacts,
    /// What is in it; none where it cannot be read.
    pub content: Option<ContentFacts>,
    /// What could not be read, and why.
    pub unseen: Vec<(&'static str, String)>,
}

/// Where a file lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceFacts {
    /// The type of the file system: `ext4`. None where the system does not say.
    pub file_system: Option<String>,
    /// Whether that leads to another machine.
    pub network: bool,
    /// Whether that is in memory, and gone after a restart of the machine.
    pub volatile: bool,
    /// How much may still be written to it.
    pub free_bytes: Option<u64>,
    /// The size of the file.
    pub bytes: u64,
    /// The size of the write-ahead log beside it.
    pub wal_bytes: u64,
    /// The user whose file it is.
    pub owner: u32,
    /// Who may do what with it: `0o600`.
    pub mode: u32,
    /// Whether this process may write to the file.
    pub writable: bool,
    /// Whether this process may make files beside it.
    pub directory_writable: bool,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentFacts {
    /// As it is: `wal` where a store has opened it.
    pub journal_mode: String,
    /// What our sessions wait for: 2 is the disk at each commit, 1 not always, 0 never.
    pub synchronous: i64,
    /// The bytes of a page.
    pub page_size: u64,
    /// How many pages it has.
    pub pages: u64,
    /// How many of them are free.
    pub free_pages: u64,
    /// How many pages of the write-ahead log are not in the file yet.
    pub wal_pages: Option<u64>,
    /// Whether somebody was writing while we looked.
    pub busy: bool,
    /// How far the latest time that the database has seen is ahead of this host's clock.
    pub clock_ahead: Option<Duration>,
    /// What SQLite's own check says is wrong, at most ten lines.
    pub damage: Vec<String>,
}

/// What may change at any time, at a cost that allows to ask often; see [`crate::SqliteStore::pulse`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlitePulse {
    /// How many pages of the write-ahead log are not in the file yet. It grows while somebody reads in
    /// one long transaction.
    pub wal_pages: u64,
}
