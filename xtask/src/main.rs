//! Developer commands of the workspace; `cargo xtask --help` lists them.

mod account;
mod arguments;
mod bench;
mod book;
mod compiler;
mod components;
mod debian;
mod docs;
mod fakeroot;
mod faketime;
mod machine;
mod mermaid;
mod postgres;
mod provision;
mod python;
mod readiness;
mod report;
mod server;
mod span;
mod step;
mod suite;
mod tally;
mod webhooks;
mod wheel;
mod workspace;

fn main() -> std::process::ExitCode {
    arguments::run()
}
