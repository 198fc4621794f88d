//! The command line.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::docs::{self, Version};
use crate::readiness::{self, ReadinessOptions};
use crate::{bench, book, machine::Machine, step, suite, workspace};

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    about = "Developer commands of the Leasehold workspace"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check formatting, lints, tests, docs and dependencies: what CI runs
    Test(TestOptions),
    /// Print what the tests need, what of it was found, and what `test` would install
    Env,
    /// Write docs/reference/reason-codes.md from the code; with --all, all else that is written from it
    Docs(DocsOptions),
    /// Make an incident happen in private instances and carry out its runbook: a page's name, all, or --list
    #[command(disable_help_flag = true)]
    Drill {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        arguments: Vec<OsString>,
    },
    /// Answer docs/readiness.md for one environment: run what it names, and write a dated report
    Readiness(ReadinessOptions),
    /// Make the book of the pages, into target/book/html, and check its links; installs mdBook into target/tools
    Book,
    /// Run the benchmarks in release mode; everything after `bench` goes to them
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

/// Options of `cargo xtask test`.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct TestOptions {
    /// Small sizes for the slow suites, and install nothing: fail if something is missing
    #[arg(long)]
    pub(crate) fast: bool,
    /// Install cargo-deny if it is missing, so that its step runs
    #[arg(long, conflicts_with = "fast")]
    pub(crate) deny: bool,
}

/// Options of `cargo xtask docs`.
#[derive(Clone, Debug, Args)]
pub(crate) struct DocsOptions {
    /// Write all other pages, tables, diagrams and pictures, too: their tests do it, which takes some minutes
    #[arg(long)]
    pub(crate) all: bool,
    /// Write down what this release promises, too; refused if that was done before
    #[arg(long, value_name = "VERSION")]
    pub(crate) release: Option<Version>,
}

/// With the programs that the tests use; a drill that finds one missing says what to do.
fn drill(arguments: &[OsString]) -> Result<()> {
    let mut drill = workspace::cargo();
    drill
        .args(["run", "--quiet", "--package", "drills", "--"])
        .args(arguments);
    Machine::survey()?.name_programs(&mut drill);
    step::finish("drill", &mut drill)
}

/// Parses the command line and runs what it asks for.
pub(crate) fn run() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Test(options) => return suite::run(options),
        Command::Env => Machine::survey().map(|machine| println!("{machine}")),
        Command::Docs(options) => docs::run(&options),
        Command::Drill { arguments } => drill(&arguments),
        Command::Readiness(options) => return readiness::run(&options),
        Command::Book => book::run(),
        Command::Bench { arguments } => step::finish("bench", &mut bench::command(&arguments)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            step::exit_code(&error)
        }
    }
}
