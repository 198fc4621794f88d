//! What is packaged: units that systemd accepts and rates, and that let the program do what it does; alerts and
//! dashboards that name what is measured.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test reports"
)]

mod alerts;
mod dashboard;
mod hardening;
#[path = "../daemon/harness.rs"]
#[expect(dead_code, reason = "some of it is for the tests of the daemon only")]
mod harness;
mod manual;
mod metric_names;
mod objectives;
mod root;
mod scrape;
mod settings;
mod syscalls;
mod tool;
mod unit;
