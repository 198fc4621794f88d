//! The program of the reference service.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use review_service::review::{AcceptedVersions, check_answer};

/// Reviews changes of a version-control depot
#[derive(Debug, Parser)]
#[command(version)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the verdict on one answer of a model, from standard input
    CheckAnswer(check_answer::CheckAnswer),
}

fn main() -> ExitCode {
    let Command::CheckAnswer(arguments) = Program::parse().command;
    let versions = AcceptedVersions::default();
    let (answer, output) = (std::io::stdin().lock(), std::io::stdout().lock());
    match check_answer::run(&arguments, &versions, answer, output) {
        Ok(exit) => exit.into(),
        Err(why) => {
            eprintln!("review-service: {why}");
            why.exit().into()
        }
    }
}
