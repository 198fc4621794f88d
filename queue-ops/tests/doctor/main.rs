//! What facts mean, and that what is read of real databases are facts.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test reports"
)]

mod catalogue;
mod judgement;
mod postgres;
mod sound;
mod sqlite;
mod way;
