//! The demonstration: the whole service with everything around it, and one worker killed in the middle.
//!
//! `cargo demo`, or `cargo demo -- --seed 8 --store postgres://you@localhost/test`
//!
//! All its processes are this executable, which plays the part that it is called by: `demo/bin/review-service` is the
//! service itself, `demo/bin/leasehold-sweeper` the daemon, `demo/bin/p4` the depot's client, and so on.

mod arguments;
mod asking;
mod cast;
mod configuration;
mod expectation;
mod folder;
mod kills;
mod ledger;
mod ports;
mod process;
mod progress;
mod report;
mod roles;
mod show;
mod voice;

use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use roles::Role;

fn main() -> ExitCode {
    let mut called = std::env::args_os();
    if let Some(role) = Role::of(called.next().as_ref()) {
        return role.play();
    }
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&anyhow::Error::from(error)),
    };
    match runtime.block_on(show::show(&arguments)) {
        Ok(exit) => exit.into(),
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("the demonstration failed: {error:#}");
    ExitCode::FAILURE
}
