//! Measures the stores against what their databases can do at most, and beside other queues: `cargo xtask bench --help`.

mod all;
mod arguments;
mod backend;
mod case;
mod ceiling;
mod census;
mod chart;
mod contestant;
mod contract;
mod letters;
mod machine;
mod outbox;
mod peers;
mod picture;
mod plan;
mod pressure;
mod record;
mod report;
mod statistics;
mod suite;
mod sweep;
mod table;
mod target;
mod venue;
mod workload;

fn main() -> std::process::ExitCode {
    sweep::daemon().unwrap_or_else(arguments::run)
}
