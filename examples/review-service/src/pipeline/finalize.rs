//! The end: the result, and a mail to each recipient, stored together. The job has succeeded when all are sent.

use queue_core::{Context, Done, JobError};
use serde::{Deserialize, Serialize};

use super::Reviewed;
use crate::notice::Letter;
use crate::request::ReviewChange;
use crate::review::Edition;
use crate::service::Service;

/// What is told of a review to whoever asks how far it is: no text of the model's, nobody's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Findings that people are told of.
    pub findings: usize,
    /// Findings that could not be used.
    pub dropped: usize,
    /// What was put right in the answer.
    pub repairs: usize,
    /// How many are told.
    pub recipients: usize,
    /// What the model was asked for.
    pub edition: Edition,
}

/// Hands over the mails with the end of the job.
pub(super) fn finalize(
    job: &ReviewChange,
    reviewed: &Reviewed,
    letter: &Letter,
    ctx: &Context<Service>,
) -> Result<Done, JobError> {
    let outcome = Outcome {
        findings: reviewed.review.findings.len(),
        dropped: reviewed.dropped,
        repairs: reviewed.repairs,
        recipients: job.recipients.len(),
        edition: reviewed.edition,
    };
    let mut done = Done::new().result(&outcome)?;
    for recipient in &job.recipients {
        let mails = ctx.state().mails();
        let mail = mails.notification(job.changelist, job.review_version, recipient, letter)?;
        done = done.notify(mail);
    }
    Ok(done)
}
