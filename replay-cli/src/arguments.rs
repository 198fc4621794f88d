//! The command line. What a noun takes stands beside what it does, in `commands/`.

use std::path::PathBuf;

use clap::{Args, ColorChoice, Command as Line, CommandFactory, Parser, Subcommand};
use queue_ops::Exit;

use crate::commands::{
    audit, backup, channel, completions, config, contract, dead, doctor, explain, job, man,
    migrate, notification, queue, replay, retention, schedule, stats, suppression,
};

const EXAMPLES: &str = "\
Examples:
  leasehold stats --database postgres://ops@db/app
  leasehold dead list --error-class NETWORK_TIMEOUT --since 2h
  leasehold queue pause mail --reason 'the relay is down, OPS-17'
  leasehold contract check --contract review.json --context change.json answer.json
  leasehold explain schema_mismatch

Data goes to stdout, prose to stderr. What changes something wants --reason, and is on record.";

/// See what waits, runs, stopped and was sent, and act on it, on record
#[derive(Debug, Parser)]
#[command(name = "leasehold", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options everywhere")]
pub(crate) struct Global {
    /// The database: sqlite:path, or postgres://user@host/database
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "LEASEHOLD_DATABASE_URL",
        hide_env_values = true
    )]
    pub(crate) database: Option<String>,
    /// The configuration, in TOML; --database wins over it
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "LEASEHOLD_CONFIG",
        hide_env_values = true
    )]
    pub(crate) config: Option<PathBuf>,
    /// Write JSON: an object with "version": 1
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Write without colours; so does NO_COLOR in the environment
    #[arg(long, global = true)]
    pub(crate) no_color: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Bring the schema up to date, back, or tell how it is
    #[command(subcommand)]
    Migrate(migrate::Migrate),
    /// Tell what the database promises as it is set up, and what is wrong with that
    Doctor(doctor::Doctor),
    /// Copy a SQLite file while it is in use, or tell how to back up a Postgres database
    Backup(backup::Backup),
    /// Show how much there is of what
    Stats(stats::Stats),
    /// See queues, pause them, limit them
    #[command(subcommand)]
    Queue(queue::Queue),
    /// See jobs, cancel them, let them run sooner
    #[command(subcommand)]
    Job(job::Job),
    /// See jobs that stopped, say what was found, settle them
    #[command(subcommand)]
    Dead(dead::Dead),
    /// Replay dead letters by a plan that somebody has read
    #[command(subcommand)]
    Replay(replay::Replay),
    /// See messages, and decide on those that failed or are in doubt
    #[command(subcommand)]
    Notification(notification::Notification),
    /// See and change who gets nothing
    #[command(subcommand)]
    Suppression(suppression::Suppression),
    /// See channels, pause them
    #[command(subcommand)]
    Channel(channel::Channel),
    /// See schedules, pause them, remove them
    #[command(subcommand)]
    Schedule(schedule::Schedule),
    /// See and set how long what is kept, and remove what is over
    #[command(subcommand)]
    Retention(retention::Retention),
    /// See what was done, by whom and why, and verify that record
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Check the configuration
    #[command(subcommand)]
    Config(config::Config),
    /// Check a document by a contract, or write what a contract says
    #[command(subcommand)]
    Contract(contract::Contract),
    /// Tell what a reason code means, who must act, and whether a repetition helps
    Explain(explain::Explain),
    /// Write a script that completes commands in a shell
    Completions(completions::Completions),
    /// Write the manual, a page per command, into a directory
    Man(man::Man),
}

/// How JSON is written: in lines on a terminal, in one line elsewhere.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Layout {
    /// Write JSON in lines, also where nobody sees it
    #[arg(long, conflicts_with = "compact")]
    pub(crate) pretty: bool,
    /// Write JSON in one line, also on a terminal
    #[arg(long)]
    pub(crate) compact: bool,
}

/// The whole command line, with the exit codes below the long help of every command.
pub(crate) fn line() -> Line {
    let line = with_codes(Arguments::command());
    if is_plain() {
        line.color(ColorChoice::Never)
    } else {
        line
    }
}

/// Whether no colours are wanted: help is written before the line is parsed.
pub(crate) fn is_plain() -> bool {
    std::env::args_os().any(|argument| argument == "--no-color")
}

fn with_codes(line: Line) -> Line {
    let codes = Exit::table();
    let long = line
        .get_after_help()
        .map_or_else(|| codes.clone(), |said| format!("{said}\n\n{codes}"));
    let names: Vec<String> = line
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    names
        .into_iter()
        .fold(line.after_long_help(long), |line, name| {
            line.mut_subcommand(name, with_codes)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_does_not_contradict_itself() {
        line().debug_assert();
    }

    #[test]
    fn every_command_has_an_example_of_its_own() {
        fn check(line: &Line, path: &str) {
            for command in line.get_subcommands() {
                let path = format!("{path} {}", command.get_name());
                let help = command.get_after_help().map(ToString::to_string);
                let leaf = command.get_subcommands().next().is_none();
                assert!(
                    !leaf || help.is_some_and(|help| help.contains(&format!("\n  {path}"))),
                    "{path}"
                );
                check(command, &path);
            }
        }
        check(&Arguments::command(), "leasehold");
    }
}
