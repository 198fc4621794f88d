//! The command line.

use std::path::PathBuf;

use clap::{Command, CommandFactory, FromArgMatches, Parser};
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
    /// Write the manual's page, for packages, and end
    #[arg(long, group = "instead")]
    pub(crate) man: bool,
}

impl Arguments {
    /// With all that stands below its help.
    fn line() -> Command {
        let rows = EXITS.map(|exit| format!("\n  {:>3}  {}", exit.code(), exit.when()));
        let below = format!("{EXAMPLES}\n\nExit codes:{}", rows.concat());
        Self::command()
            .after_long_help(below.clone())
            .after_help(below)
    }

    /// The manual's page, which says what the help does.
    pub(crate) fn manual() -> String {
        let mut page = Vec::new();
        // Writing to memory does not fail.
        drop(clap_mangen::Man::new(Self::line()).render(&mut page));
        String::from_utf8_lossy(&page).into_owned()
    }

    /// What was written, or what to end with: help was asked for, or it is none.
    pub(crate) fn read() -> Result<Self, Exit> {
        let matches = Self::line().try_get_matches();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_what_it_takes() {
        let mut line = Arguments::line();
        line.build();
        let table = fixtures::command_table::arguments(&line, &[]);
        fixtures::examples::compare_part("docs/reference/sweeper.md", "arguments", &table);
    }

    #[test]
    fn the_page_has_what_it_ends_with() {
        let rows = EXITS.map(|exit| format!("| {} | {} |\n", exit.code(), exit.when()));
        let table = format!("| | |\n|---|---|\n{}", rows.concat());
        fixtures::examples::compare_part("docs/reference/sweeper.md", "exit codes", &table);
    }
}
