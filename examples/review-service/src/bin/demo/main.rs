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
mod failure;
mod folder;
mod kills;
mod leash;
mod ledger;
mod next;
mod place;
mod ports;
mod process;
mod progress;
mod reopening;
mod report;
mod roles;
mod scenery;
mod show;
mod voice;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use queue_ops::Exit;

use arguments::Arguments;
use roles::Role;

fn main() -> ExitCode {
    let mut called = std::env::args_os();
    if let Some(role) = Role::of(called.next().as_ref()) {
        return role.play();
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // To stdout what was asked for, to stderr what is wrong.
            drop(error.print());
            let exit = if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            };
            return exit.into();
        }
    };
    let shown = tokio::runtime::Runtime::new()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| {
            runtime.block_on(async {
                if arguments.reopen {
                    reopening::reopen(&arguments.folder).await
                } else {
                    show::show(&arguments).await
                }
            })
        });
    let exit = shown.unwrap_or_else(|error| {
        // Nowhere else to say it.
        drop(writeln!(io::stderr(), "demo: {}", failure::told(&error)));
        failure::exit(&error)
    });
    exit.into()
}
