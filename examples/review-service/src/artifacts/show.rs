//! `review-service artifact show`: nobody reads a raw artifact without a record of it.

use std::io::{self, Write};

use queue_core::{Act, JobId, ServiceAct, Store};
use queue_ops::{Exit, shown_error};
use serde_json::json;

use super::{Artifact, Artifacts};

/// What a read is on record as.
pub const READ: &str = "review.artifact.read";

/// Which artifact, and why.
#[derive(Debug, Clone)]
pub struct Show {
    /// Of which job.
    pub job: JobId,
    /// Which one.
    pub artifact: Artifact,
    /// Who reads it, and what for.
    pub act: Act,
}

/// Why nothing is shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShowError {
    /// There is none, or no more.
    #[error("job {0} has no {1}: it never had one, or it was kept for long enough")]
    NotThere(JobId, Artifact),
    /// It cannot be put on record, so it is not shown.
    #[error("it cannot be put on record that somebody reads this, and so it is not shown: {0}")]
    NotRecorded(String, Exit),
    /// It cannot be read.
    #[error("{1} of job {0} cannot be read: {2}")]
    Unreadable(JobId, Artifact, io::Error),
    /// It cannot be written.
    #[error("it cannot be written: {0}")]
    Output(io::Error),
}

impl ShowError {
    /// What the process ends with.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::NotThere(..) => Exit::NotFound,
            Self::NotRecorded(_, exit) => *exit,
            Self::Unreadable(..) => Exit::Input,
            Self::Output(_) => Exit::Output,
        }
    }
}

/// Writes the artifact out. That somebody reads a raw one is on record before they do.
pub async fn show(
    artifacts: &Artifacts,
    store: &dyn Store,
    wanted: &Show,
    mut out: impl Write,
) -> Result<(), ShowError> {
    let Show { job, artifact, act } = wanted;
    let found = artifacts.get(*job, *artifact);
    let found = found.map_err(|error| ShowError::Unreadable(*job, *artifact, error))?;
    let bytes = found.ok_or(ShowError::NotThere(*job, *artifact))?;
    if artifact.is_raw() {
        let detail = json!({ "bytes": bytes.len() });
        let target = format!("artifact:{job}/{artifact}");
        let own = ServiceAct::new(READ, &target, &detail)
            .map_err(|error| ShowError::NotRecorded(error.to_string(), Exit::Internal))?;
        let recorded = store.record(&own, act).await;
        recorded.map_err(|error| ShowError::NotRecorded(shown_error(&error), Exit::of(&error)))?;
    }
    out.write_all(&bytes)
        .and_then(|()| out.flush())
        .map_err(ShowError::Output)
}
