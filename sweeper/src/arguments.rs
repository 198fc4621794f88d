//! The command line.

use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser};
use queue_ops::Exit;

const EXAMPLES: &str = "\
Examples:
  leasehold-sweeper --config /etc/leasehold/leasehold.toml
  leasehold-sweeper --database postgres://sweeper@db/app
  leasehold-sweeper --once --database sqlite:/var/lib/app/jobs.db      # from cron
  leasehold-sweeper --check-config --config leasehold.toml

Signals:
  SIGTERM, SIGINT  stop in order; a second one stops at once
  SIGHUP           read the configuration again
  SIGUSR1          write the state to the log";

/// What it ends with, of all the codes that Leasehold's programs have.
const EXITS: [Exit; 13] = [
    Exit::Done,
    Exit::Partly,
    Exit::Findings,
    Exit::Usage,
    Exit::Data,
    Exit::Input,
    Exit::Unavailable,
    Exit::Internal,
    Exit::Output,
    Exit::Schema,
    Exit::Config,
    Exit::Interrupted,
    Exit::Terminated,
];

/// Repair what crashed processes left: expired leases, interrupted notifications; fire schedules, remove what is
/// over, verify the audit trail, and tell how all of it is
#[derive(Debug, Parser)]
#[command(name = "leasehold-sweeper", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The configuration, in TOML
    #[arg(
        long,
        value_name = "FILE",
        env = "LEASEHOLD_CONFIG",
        hide_env_values = true
    )]
    pub(crate) config: Option<PathBuf>,
    /// The database: sqlite:path, or postgres://user@host/database; wins over the configuration
    #[arg(
        long,
        value_name = "URL",
        env = "LEASEHOLD_DATABASE_URL",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
    /// Check the configuration, connect to nothing, and end
    #[arg(long, group = "instead")]
    pub(crate) check_config: bool,
    /// Write the configuration as it holds, with secrets masked, and end
    #[arg(long, group = "instead")]
    pub(crate) print_config: bool,
    /// Run every loop one time, and end
    #[arg(long, group = "instead")]
    pub(crate) once: bool,
}

impl Arguments {
    /// What was written, or what to end with: help was asked for, or it is none.
    pub(crate) fn read() -> Result<Self, Exit> {
        let rows = EXITS.map(|exit| format!("\n  {:>3}  {}", exit.code(), exit.when()));
        let line = Self::command()
            .after_long_help(format!("{EXAMPLES}\n\nExit codes:{}", rows.concat()))
            .after_help(format!("{EXAMPLES}\n\nExit codes:{}", rows.concat()));
        let matches = line.try_get_matches();
        let read = matches.and_then(|matches| Self::from_arg_matches(&matches));
        read.map_err(|error| {
            // A closed pipe is no error.
            drop(error.print());
            if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            }
        })
    }
}
