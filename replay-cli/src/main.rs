//! `leasehold`, the operators' command line; `leasehold --help` lists its commands.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A panic would end with a code that no page tells of; its message is on stderr already.
    let ended = std::panic::catch_unwind(replay_cli::run);
    ended.unwrap_or(queue_ops::Exit::Internal).into()
}
