//! The program as a process, on real databases.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test reports"
)]

mod again;
mod archive;
mod arguments;
mod audit;
mod crashed;
mod full_disk;
mod harness;
mod http;
mod journal;
mod leaders;
mod life;
mod memory;
mod once;
mod outage;
mod several;
mod sleeper;
mod tcp;
#[cfg(feature = "otlp")]
mod traces;
