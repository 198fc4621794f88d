//! Why a trail was not archived.

use std::path::PathBuf;

use queue_core::{AuditFault, StoreError};

use super::DraftError;

/// What is said of a trail that is not whole.
pub(crate) fn told(fault: &AuditFault) -> String {
    format!("the audit trail is not as it was written: {fault}")
}

/// Why the audit trail could not be archived. Whatever it is, nothing was removed that is not in an archive.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// Something is wrong with the trail.
    #[error("{} ({code}); see `leasehold explain {code}`", told(.0), code = .0.code())]
    Broken(AuditFault),
    /// There is such a file, and it is not what was begun.
    #[error("{} is there already, and is not the archive that was begun: {why}; give another name", path.display())]
    Other {
        /// Which file.
        path: PathBuf,
        /// What it is instead.
        why: String,
    },
    /// What was written is not what was meant to be.
    #[error("{} was written and cannot be verified: {why}; nothing was removed", path.display())]
    Unverified {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Somebody else archived the trail at the same time.
    #[error("somebody else archived the trail meanwhile; what is in {} is in their archive, too", .0.display())]
    Overtaken(PathBuf),
}
