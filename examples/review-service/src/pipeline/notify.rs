//! Stage `notify`: the mail that tells of the review.

use queue_core::{Context, JobError};

use super::{Fetched, Reviewed};
use crate::notice::{Letter, Told};
use crate::request::ReviewChange;
use crate::service::Service;

/// Writes it: once, so that every recipient gets the same, also after a replay.
pub(super) async fn write(
    job: &ReviewChange,
    fetched: &Fetched,
    reviewed: &Reviewed,
    ctx: &Context<Service>,
) -> Result<Letter, JobError> {
    let told = Told {
        changelist: job.changelist,
        version: job.review_version,
        author: &fetched.author,
        dropped: reviewed.dropped,
        cut: fetched.cut,
    };
    Ok(ctx.state().mails().letter(&told, &reviewed.review)?)
}
