//! The command line.

use clap::{Parser, ValueEnum};

/// What a program is asked for.
#[derive(Debug, Clone, Parser)]
#[command(about = "A job queue in the comparison of `cargo xtask bench peers`")]
pub struct Order {
    /// What to do
    pub errand: Errand,
    /// A Postgres URL, or the path of a SQLite file
    #[arg(long)]
    pub database: String,
    /// The settings to use; every queue knows `best` and `default`
    #[arg(long, default_value = "default")]
    pub setting: String,
    /// Which loss a commit survives, where the database is a SQLite file
    #[arg(long, value_enum)]
    pub synchronous: Option<Synchronous>,
    /// How many jobs, at most
    #[arg(long, default_value_t = 0)]
    pub jobs: u64,
    /// How many enqueue at a time
    #[arg(long, default_value_t = 1)]
    pub producers: usize,
    /// No more jobs are enqueued after so long
    #[arg(long, default_value_t = 3600.0)]
    pub seconds: f64,
    /// So many jobs lie in the queue to warm up a worker with
    #[arg(long, default_value_t = 0)]
    pub warm: u64,
}

impl Order {
    /// Whether the settings are those that make the queue fastest.
    #[must_use]
    pub fn is_best(&self) -> bool {
        self.setting == "best"
    }
}

/// What there is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Errand {
    /// Make the schema
    SetUp,
    /// Put jobs in the queue, the fastest way
    Fill,
    /// Enqueue one job after the other, each in a transaction of its own, by many producers
    Enqueue,
    /// Put jobs in the queue, the fastest way, and say how long that took
    Bulk,
    /// Run a worker, and say how many jobs it ran, until told to stop
    Drain,
    /// Enqueue one job at a time for an idle worker, and say when each was picked up
    Pickup,
}

/// What SQLite calls `synchronous`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Synchronous {
    /// The loss of power
    Full,
    /// The death of the process
    Normal,
}
