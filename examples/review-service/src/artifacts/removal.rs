//! Removing what was kept for long enough: a job by the clock.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use metrics::gauge;
use queue_core::{Context, Done, Job, JobError};
use serde::{Deserialize, Serialize};

use crate::service::Service;

/// The file whose time says when a removal last went through, for processes that start after it.
pub const LAST_REMOVAL: &str = ".last-removal";

/// Removes artifacts that were kept for long enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveArtifacts {}

impl Job for RemoveArtifacts {
    const KIND: &'static str = "remove_artifacts";
    const QUEUE: &'static str = "upkeep";
}

/// How much was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Removed {
    /// Files that are gone.
    pub files: u64,
    /// Files that are still there.
    pub remaining: u64,
}

/// The handler. Its last success is `review_artifacts_last_removal_timestamp_seconds`.
pub async fn remove_artifacts(_: RemoveArtifacts, ctx: Context<Service>) -> Result<Done, JobError> {
    let artifacts = ctx.state().artifacts().clone();
    let now = SystemTime::now();
    let removed = tokio::task::spawn_blocking(move || artifacts.remove_until(now)).await??;
    tell(Some(now));
    tracing::info!(
        files = removed.files,
        remaining = removed.remaining,
        "removed artifacts"
    );
    Ok(Done::new().result(&removed)?)
}

/// Says when the last one went through; nothing where none has.
pub(crate) fn tell(last: Option<SystemTime>) {
    if let Some(last) = last.and_then(|at| at.duration_since(UNIX_EPOCH).ok()) {
        gauge!("review_artifacts_last_removal_timestamp_seconds").set(last.as_secs_f64());
    }
}

/// Looks through the folder of one job.
pub(super) fn remove_from(
    job: &Path,
    now: SystemTime,
    kept: Duration,
    removed: &mut Removed,
) -> io::Result<()> {
    let files = match fs::read_dir(job) {
        Ok(files) => files,
        // Another process removed it in between, or it is a file that is not ours.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let mut left = 0;
    for file in files {
        let path = file?.path();
        match remove_if_over(&path, now, kept) {
            Ok(true) => removed.files += 1,
            Ok(false) => left += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    removed.remaining += left;
    if left == 0 {
        // Not if a review has begun to keep something in it just now.
        drop(fs::remove_dir(job));
    }
    Ok(())
}

fn remove_if_over(path: &Path, now: SystemTime, kept: Duration) -> io::Result<bool> {
    let written = fs::metadata(path)?.modified()?;
    let age = now.duration_since(written).unwrap_or_default();
    if age < kept {
        return Ok(false);
    }
    fs::remove_file(path)?;
    Ok(true)
}
