//! What is done with a change, stage by stage. Each stage runs once: what it came to is stored, and a later attempt
//! or a replay goes on behind it.

mod cut;
mod fetch;
mod finalize;
mod llm;
mod notify;

use queue_core::{Context, Done, JobError};

use crate::redaction::Redacted;
use crate::request::{ReviewChange, stages};
use crate::service::Service;

pub use fetch::Fetched;
pub use finalize::Outcome;
pub use llm::Reviewed;

/// The handler of [`ReviewChange`].
pub async fn review_change(job: ReviewChange, ctx: Context<Service>) -> Result<Done, JobError> {
    let flow = async {
        let fetched: Fetched = ctx
            .stage(stages::FETCH, || fetch::fetch(&job, &ctx))
            .await?;
        let reviewed: Reviewed = ctx
            .stage(stages::LLM, || llm::review(&fetched, &ctx))
            .await?;
        let letter = ctx
            .stage(stages::NOTIFY, || {
                notify::write(&job, &fetched, &reviewed, &ctx)
            })
            .await?;
        finalize::finalize(&job, &reviewed, &letter, &ctx)
    };
    tokio::select! {
        done = flow => done,
        // The depot's client and the call to the model end with what is dropped here.
        why = ctx.cancelled() => Err(JobError::retryable("STOPPED", why.code())),
    }
}

/// A text without secrets; one that cannot be made such goes no further.
fn redact(text: &str, service: &Service) -> Result<Redacted, JobError> {
    let redacted = service.redactor().redact(text);
    redacted.map_err(|error| JobError::permanent("REDACTION_FAILED", error))
}
