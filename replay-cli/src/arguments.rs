//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::exit::CODES;

const EXAMPLES: &str = "\
Examples:
  leasehold contract check --contract review.json --context change.json answer.json
  leasehold contract prompt --contract review.json
  leasehold explain schema_mismatch";

/// Check documents by their contracts, and look up reason codes
#[derive(Debug, Parser)]
#[command(name = "leasehold", version, after_help = format!("{EXAMPLES}\n\n{CODES}"))]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a document by a contract, or write what a contract says
    #[command(subcommand)]
    Contract(Contract),
    /// Tell what a reason code means, who must act, and whether a repetition helps
    Explain(Explain),
    /// Write a script that completes commands in a shell
    #[command(after_help = "\
Example:
  leasehold completions bash > ~/.local/share/bash-completion/completions/leasehold")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Contract {
    /// Read a document by a contract, and write the verdict as JSON
    ///
    /// The verdict has the value, put right where the contract allows it, or none; and a diagnostic
    /// for each act and each problem. No more than the contract's limit of bytes is read.
    #[command(after_help = format!("\
Examples:
  leasehold contract check --contract review.json answer.json
  curl … | leasehold contract check --contract review.json --context change.json
  leasehold contract check --contract review.json answer.json | jq .value

The context is what rules compare with: a JSON object, such as {{\"changed_files\": [\"src/a.rs\"]}}.
A member `correlation_id` is carried by every diagnostic.

{CODES}"))]
    Check(Check),
    /// Write the JSON Schema (draft 2020-12) of documents in which nothing has to be put right
    Schema(File),
    /// Write a page for people, in Markdown
    Docs(File),
    /// Write the part of a model's prompt that says which fields are wanted
    Prompt(File),
}

/// The contract that is meant.
#[derive(Debug, Args)]
pub(crate) struct File {
    /// The file of the contract
    #[arg(long, value_name = "FILE")]
    pub(crate) contract: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) file: File,
    /// The file of what rules compare with: a JSON object
    #[arg(long, value_name = "FILE")]
    pub(crate) context: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) layout: Layout,
    /// The file of the document; standard input if there is none, or if it is `-`
    pub(crate) payload: Option<PathBuf>,
}

/// How JSON is written: in lines on a terminal, in one line elsewhere.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Layout {
    /// Write JSON in lines, also where nobody sees it
    #[arg(long, conflicts_with = "compact")]
    pub(crate) pretty: bool,
    /// Write JSON in one line, also on a terminal
    #[arg(long)]
    pub(crate) compact: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  leasehold explain HANDLER_PANIC
  leasehold explain --all
  leasehold explain --json busy

A code is written as it is given: HANDLER_PANIC and handler_panic would be two. Names of a store's errors
and finer reasons are found as well.")]
pub(crate) struct Explain {
    /// The code
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) code: Option<String>,
    /// List every code, by where it arises
    #[arg(long)]
    pub(crate) all: bool,
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) layout: Layout,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_does_not_contradict_itself() {
        Arguments::command().debug_assert();
    }
}
