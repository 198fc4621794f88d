//! `leasehold`, the operators' command line; `leasehold --help` lists its commands.

mod act;
mod answer;
mod arguments;
mod bulk;
mod commands;
mod desk;
mod ids;
mod input;
mod moment;
mod output;
#[cfg(test)]
mod page;
mod paging;
mod payload;
mod report;
mod stop;
mod style;
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    // A panic would end with a code that no page tells of; its message is on stderr already.
    let ended = std::panic::catch_unwind(commands::run);
    ended.unwrap_or(queue_ops::Exit::Internal).into()
}
