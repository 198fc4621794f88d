//! Developer commands of the workspace; `cargo xtask --help` lists them.

mod account;
mod arguments;
mod compiler;
mod components;
mod debian;
mod docs;
mod faketime;
mod machine;
mod pgbouncer;
mod postgres;
mod provision;
mod report;
mod span;
mod step;
mod suite;
mod tally;
mod wheel;
mod workspace;

fn main() -> std::process::ExitCode {
    arguments::run()
}
