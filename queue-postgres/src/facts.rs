//! What is to be known of a server before one relies on it.

use serde::Deserialize;

/// How a server and a role are set up, and how we reach them; see [`crate::PostgresOptions::facts`].
/// Nothing here judges.
#[derive(Debug, Clone, PartialEq)]
pub struct PostgresFacts {
    /// What a session of ours gets.
    pub server: ServerFacts,
    /// The standbys that are connected; none where that cannot be seen.
    pub standbys: Option<StandbyFacts>,
    /// Who keeps dead rows from being removed, the oldest first, at most five.
    pub horizon: Vec<HorizonHolder>,
    /// Our tables; none where there is no schema.
    pub tables: Vec<TableFacts>,
    /// The days of the history; none where there is no schema.
    pub days: Option<DayFacts>,
    /// What stands between us and the server.
    pub pooler: Pooler,
    /// Whether wake-ups of other processes can be heard.
    pub listening: Listening,
    /// For how long the server bears an idle transaction of whoever asks for nothing else; 0 is for ever.
    pub idle_in_transaction_seconds: Option<f64>,
    /// How far the server's clock is ahead of this host's, in microseconds.
    pub clock_ahead_micros: i64,
    /// How wrong that can be: half the time that asking took.
    pub clock_within_micros: i64,
    /// Whether the server is reached without a network.
    pub local: bool,
    /// Whether statements stay prepared on their connection (`prepared=`).
    pub prepared: bool,
    /// How many connections the store may open (`pool=`).
    pub pool_size: u32,
    /// What could not be read, and why.
    pub unseen: Vec<Unseen>,
}

/// What a session of ours gets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ServerFacts {
    /// As a number: 150004.
    pub version: u32,
    /// As the server writes it.
    pub server: String,
    /// Whether it only repeats what another one does.
    pub standby: bool,
    /// Whether this role's transactions only read.
    pub read_only: bool,
    /// `on`, `off`, `local`, `remote_write` or `remote_apply`.
    pub synchronous_commit: String,
    /// Whether it waits for the disk.
    pub fsync: bool,
    /// Whether pages that were half written can be mended.
    pub full_page_writes: bool,
    /// `minimal`, `replica` or `logical`.
    pub wal_level: String,
    /// The standbys that commits wait for.
    pub synchronous_standby_names: String,
    /// Whether the server vacuums by itself.
    pub autovacuum: bool,
    /// Whether damaged pages are noticed.
    pub data_checksums: bool,
    /// The database.
    pub database: String,
    /// Who we are there.
    pub role: String,
    /// Whether that is a superuser.
    pub superuser: bool,
    /// Whether the role sees what other roles' sessions do.
    pub sees_statistics: bool,
    /// The age of the oldest transaction id of the database; at 2 thousand millions it stops.
    pub xid_age: i64,
    /// Whether the connection is encrypted where it reaches the server.
    pub encrypted: bool,
    /// How many more connections this role can open.
    pub connections_left: i64,
}

/// The standbys that are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct StandbyFacts {
    /// All of them.
    pub connected: u32,
    /// Those that have caught up.
    pub streaming: u32,
    /// Those of these that commits wait for.
    pub synchronous: u32,
}

/// Somebody who keeps dead rows from being removed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct HorizonHolder {
    /// `session`, `prepared transaction` or `replication slot`.
    pub kind: String,
    /// The process id, or the name.
    pub name: String,
    /// What a session calls itself.
    pub application: Option<String>,
    /// What it does.
    pub state: Option<String>,
    /// For how many transactions.
    pub transactions: i64,
    /// For how long, where that is known.
    pub seconds: Option<f64>,
}

/// One of our tables.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TableFacts {
    /// Its name.
    pub name: String,
    /// Whether autovacuum is told to leave it alone.
    pub unvacuumed: bool,
    /// How many rows the server believes in.
    pub live: i64,
    /// How many dead rows.
    pub dead: i64,
    /// Whether it belongs to our role, which may then change it in every way.
    pub owned: bool,
    /// What our role would have to do with it, and may not.
    pub missing: Vec<String>,
}

/// The days of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct DayFacts {
    /// How many of the next three have no partition.
    pub missing: u32,
    /// How many rows are in none, counted up to 1000.
    pub astray: u32,
}

/// What stands between us and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooler {
    /// Nothing: what a connection asks for at its start reaches the server.
    None,
    /// Something that keeps that to itself, and gave us the same session each time.
    Somewhere,
    /// Something that gave one connection of ours several sessions in turn.
    PerTransaction,
}

/// Whether wake-ups of other processes can be heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listening {
    /// On a session of our own.
    Possible,
    /// No way was given on which it could be: `prepared=false` without `listen=`.
    NoWay,
    /// A pooler is in the way.
    Pooled,
    /// What `listen=` names does not answer.
    Unreachable(String),
}

/// What could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// What was looked for.
    pub what: &'static str,
    /// In the server's words.
    pub why: String,
}

/// What may change at any time, at a cost that allows to ask often; see [`crate::PostgresStore::pulse`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PostgresPulse {
    /// Whether it only repeats what another one does.
    pub standby: bool,
    /// Whether this role's transactions only read.
    pub read_only: bool,
    /// The version of the schema.
    pub schema: u32,
    /// For how long the oldest transaction has been open, of those that the role may see.
    pub horizon_seconds: Option<f64>,
    /// For how many transactions dead rows have been kept, by whomever.
    pub horizon_transactions: Option<i64>,
}

/// Where a database is, for programs that are run by hand. Never a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresPlace {
    /// A name, an address or the directory of a socket.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The role.
    pub user: String,
    /// The database.
    pub database: String,
    /// The schema that our tables are in.
    pub schema: String,
}
