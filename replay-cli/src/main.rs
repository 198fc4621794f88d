//! `leasehold`, the operators' command line; `leasehold --help` lists its commands.

mod arguments;
mod commands;
mod exit;
mod input;
mod output;

use std::process::ExitCode;

fn main() -> ExitCode {
    // A panic would end with a code that no page tells of; its message is on stderr already.
    let ended = std::panic::catch_unwind(commands::run);
    ended.unwrap_or(exit::Exit::Internal).into()
}
