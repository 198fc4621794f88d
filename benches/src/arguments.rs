//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Args, Parser, Subcommand};

use crate::suite::Subject;
use crate::venue::Engine;
use crate::workload::memory;
use crate::{all, contract, outbox, peers, report, suite};

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask bench",
    about = "Measure the stores and the worker, beside what their databases can do at most"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The stores by themselves: enqueue, bulk, drain, depth, memory
    Store(Options),
    /// The worker on each store: drain, latency, depth
    Worker(Options),
    /// The outbox, delivered as mail and as webhooks from each store, beside programs that only send
    Outbox(Options),
    /// Very many dead letters: lists, groups, and the replay of 100,000
    Letters(Options),
    /// The daemon: claims while 100,000 expired leases are swept in pages, and what it takes when idle
    Sweep(Options),
    /// Claims under a steady load, while another session holds on to an old snapshot
    Pressure(Options),
    /// Other job queues at the same work, each in a program of its own; installs and builds them first
    Peers(Options),
    /// All of these, one after the other, in one file
    All(Options),
    /// Reading documents by a contract, beside a plain JSON parse of the same bytes
    Contract(contract::Options),
    /// Write tables of docs/performance.md anew from a file that another command wrote by --json
    Report {
        /// The file
        file: PathBuf,
    },
    /// Drains a database and prints the peak of its own memory; `store` starts this
    #[command(hide = true)]
    DrainAlone(memory::Errand),
    /// Takes part in `peers` by its protocol
    #[command(hide = true)]
    Peer(peer_protocol::Order),
    /// Takes webhooks until its input ends; `outbox` starts this
    #[command(hide = true)]
    Receive,
}

/// What is to be measured, and how often.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// A fifth of the work, or half of it, and 3 rounds: a first impression
    #[arg(long)]
    pub(crate) quick: bool,
    /// How often each contestant has its turn [default: 5, or 3 with --quick]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: Option<u32>,
    /// Keep everything that was measured, for `report`
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// End with 1 where a target is missed; else that is only printed
    #[arg(long)]
    pub(crate) strict: bool,
    /// Only this database
    #[arg(long)]
    pub(crate) only: Option<Engine>,
    /// Only this workload: of a store W1 to W5 or memory, of the worker W3 to W5, of peers W1 to W5, of the
    /// outbox mail or webhooks, of letters lists or replay, of sweep claims
    /// or idle, of pressure W6
    #[arg(long, value_name = "WORKLOAD")]
    pub(crate) workload: Option<String>,
    /// Only contestants with this in their name: for a look with a profiler. Of peers, ours stays beside them
    #[arg(long, value_name = "TEXT")]
    pub(crate) contestant: Option<String>,
    /// How long each turn of pressure lasts [default: 10, or 5 with --quick]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) minutes: Option<u32>,
}

impl Options {
    /// How often each contestant has its turn.
    pub(crate) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 3 } else { 5 })
    }

    /// How long each turn of W6 lasts.
    pub(crate) fn minutes(&self) -> u32 {
        self.minutes.unwrap_or(if self.quick { 5 } else { 10 })
    }

    /// What to type for the same run.
    pub(crate) fn command(&self, subject: Subject) -> String {
        let mut command = format!("cargo xtask bench {}", subject.name());
        if self.quick {
            command.push_str(" --quick");
        }
        if let Some(rounds) = self.rounds {
            command.push_str(&format!(" --rounds {rounds}"));
        }
        if let Some(minutes) = self.minutes {
            command.push_str(&format!(" --minutes {minutes}"));
        }
        if let Some(engine) = self.only {
            command.push_str(&format!(" --only {}", engine.argument()));
        }
        if let Some(workload) = &self.workload {
            command.push_str(&format!(" --workload {workload}"));
        }
        if let Some(contestant) = &self.contestant {
            command.push_str(&format!(" --contestant '{contestant}'"));
        }
        command
    }

    /// Whether all of a database's figures are wanted.
    pub(crate) fn is_whole(&self) -> bool {
        self.workload.is_none() && self.contestant.is_none()
    }
}

/// Parses the command line and does what it asks for.
pub(crate) fn run() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Report { file } => report::regenerate(&file),
        Command::Store(options) => measure(suite::run(Subject::Store, options)),
        Command::Worker(options) => measure(suite::run(Subject::Worker, options)),
        Command::Outbox(options) => measure(suite::run(Subject::Outbox, options)),
        Command::Letters(options) => measure(suite::run(Subject::Letters, options)),
        Command::Sweep(options) => measure(suite::run(Subject::Sweep, options)),
        Command::Pressure(options) => measure(suite::run(Subject::Pressure, options)),
        Command::Peers(options) => measure(suite::run(Subject::Peers, options)),
        Command::All(options) => measure(all::run(options)),
        Command::Peer(order) => return peers::serve(&order),
        Command::Contract(options) => contract::run(&options),
        Command::DrainAlone(errand) => measure(memory::drain_alone(errand)),
        Command::Receive => outbox::receive(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(work: impl Future<Output = Result<()>>) -> Result<()> {
    ensure!(
        !cfg!(debug_assertions),
        "a debug build measures itself: run `cargo xtask bench`, which builds for release"
    );
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?
        .block_on(work)
}
