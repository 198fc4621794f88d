//! Reviews changes of a version-control depot, end to end: the service that Leasehold was first needed for, and its
//! proof. It embeds the crates as any other service would, through what they make public.
//!
//! A change comes in over HTTP and becomes a job. Its stages fetch the change from the depot, have a language model
//! review it, hold the answer to a contract, and hand over a mail to each recipient; the job has succeeded when all
//! of them are sent.

pub mod allow_list;

/// The allow-list in force, and its history in the audit trail.
pub mod allowed;

/// What is kept of each review.
pub mod artifacts;

/// What the service is told.
pub mod config;

pub mod depot;

/// The way in, over HTTP.
pub mod ingest;

mod listening;

mod meters;

/// Asks a language model for a review.
pub mod model;

/// The mails.
pub mod notice;

/// What is done with a change, stage by stage.
pub mod pipeline;

mod program;

pub mod redaction;

/// What is asked of the service, and the job that it becomes.
pub mod request;

/// What a model's answer has to be, and what is left of it then.
pub mod review;

/// Brings a new prompt to the reviews step by step.
pub mod rollout;

mod running;

/// Events that somebody who watches for attacks wants to see.
pub mod security;

mod serve;

/// What the handlers of jobs share.
pub mod service;

/// Stand-ins for the depot and the model, for the demonstration and for tests.
pub mod stand_in;

mod status;

/// The rollout as it goes in this process.
pub mod trials;

mod work;

pub use meters::Meters;
pub use program::run_program;
pub use running::{Failed, Role, run};
pub use serve::serve;
pub use work::{work, worker};

/// As digests are shown.
fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // A String takes everything.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
