//! Stage `fetch`: the change as the depot has it, without secrets.

use queue_core::{Context, JobError};
use serde::{Deserialize, Serialize};

use super::{cut, redact};
use crate::artifacts::Artifact;
use crate::depot::{Change, Changelist};
use crate::request::ReviewChange;
use crate::security;
use crate::service::Service;

/// What the stage came to. It is stored with the job, so that no secret may be in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// The number of the change.
    pub changelist: u64,
    /// Who submitted it.
    pub author: String,
    /// What its author says of it.
    pub description: String,
    /// The paths of its files.
    pub files: Vec<String>,
    /// The differences.
    pub diff: String,
    /// Whether the end of the differences is missing.
    pub cut: bool,
}

/// Gets the change, and looks whether all of it is allowed.
pub(super) async fn fetch(job: &ReviewChange, ctx: &Context<Service>) -> Result<Fetched, JobError> {
    let service = ctx.state();
    // The ingest's contract knows no other numbers.
    let changelist = Changelist::new(job.changelist);
    let changelist = changelist.map_err(|error| JobError::permanent("SCHEMA_INVALID", error))?;
    let change = service.depot().describe(changelist).await;
    let change = change.map_err(|error| JobError::from(error.failure()))?;
    check_paths(&change, ctx).await?;
    let (description, diff) = (
        redact(&change.description, service)?,
        redact(&change.diff, service)?,
    );
    service
        .keep(ctx.id(), Artifact::RawDiff, &change.diff)
        .await?;
    service
        .keep(ctx.id(), Artifact::RedactedDiff, diff.as_str())
        .await?;
    let (kept, too_long) = cut::to_fit(diff.as_str(), cut::MOST_DIFF);
    Ok(Fetched {
        changelist: job.changelist,
        author: change.author,
        description: description.as_str().to_owned(),
        files: change.files.into_iter().map(|file| file.path).collect(),
        diff: kept.to_owned(),
        cut: change.cut || too_long,
    })
}

/// One path that is not allowed denies the whole change: of a part nobody could say what it means.
async fn check_paths(change: &Change, ctx: &Context<Service>) -> Result<(), JobError> {
    // Of what has no files nobody can say that it is allowed.
    if change.files.is_empty() {
        return Err(JobError::permanent(
            "CHANGE_EMPTY",
            "the depot lists no file of the change",
        ));
    }
    let list = ctx.state().allowed().list();
    let denied = change
        .files
        .iter()
        .find_map(|file| list.permits(&file.path).err());
    let Some(denied) = denied else { return Ok(()) };
    let changelist = change.changelist.get();
    security::denied("depot", changelist, &denied);
    security::record_denial(&**ctx.queue().store(), changelist, &denied).await?;
    Err(JobError::permanent("PATH_DENIED", denied))
}
