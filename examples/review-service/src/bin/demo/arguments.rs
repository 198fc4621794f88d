//! What can be said on the command line.

use std::path::PathBuf;

use clap::Parser;
use queue_ops::Exit;

/// Have 300 changes reviewed by a whole service, kill a worker in the middle, and count what came of it
#[derive(Debug, Parser)]
#[command(name = "demo", after_help = Exit::table())]
pub(crate) struct Arguments {
    /// Which changes: the same seed gives the same totals
    #[arg(long, value_name = "N", default_value_t = 7)]
    pub(crate) seed: u64,
    /// How many of them
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(crate) changes: u64,
    /// The database, postgres://user@host/database, where it makes a schema of its own; a file in the folder unless
    /// it is said. A password is better in PGPASSWORD or ~/.pgpass, where no list of processes shows it
    #[arg(long, value_name = "URL")]
    pub(crate) store: Option<String>,
    /// Where everything is put; what an earlier demonstration left there is removed
    #[arg(long, value_name = "FOLDER", default_value = "demo")]
    pub(crate) folder: PathBuf,
    /// Kill so many processes of any sort besides, at moments drawn by lot
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) kills: u32,
    /// By which lot
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) lot: u64,
    /// Start everything again on what the last demonstration left, with a model that is well, until Ctrl-C
    #[arg(long, conflicts_with_all = ["seed", "changes", "store", "kills", "lot"])]
    pub(crate) reopen: bool,
}
