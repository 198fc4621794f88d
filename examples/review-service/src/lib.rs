//! Reviews changes of a version-control depot, end to end: the service that Leasehold was first needed for, and its
//! proof. It embeds the crates as any other service would, through what they make public.
//!
//! A change comes in over HTTP and becomes a job. Its stages fetch the change from the depot, have a language model
//! review it, hold the answer to a contract, and hand over a mail to each recipient; the job has succeeded when all
//! of them are sent.

pub mod allow_list;

pub mod depot;

/// Asks a language model for a review.
pub mod model;

pub mod redaction;

/// What a model's answer has to be, and what is left of it then.
pub mod review;

/// Brings a new prompt to the reviews step by step.
pub mod rollout;

/// Stand-ins for the depot and the model, for the demonstration and for tests.
pub mod stand_in;

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
