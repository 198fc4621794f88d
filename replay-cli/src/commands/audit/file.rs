//! What is said where a file or an archive cannot be made.

use queue_ops::archive::ArchiveError;
use queue_ops::{DraftError, Exit};

use crate::answer::Failure;

impl From<DraftError> for Failure {
    fn from(error: DraftError) -> Self {
        let exit = match error {
            DraftError::Taken(_) => Exit::Refused,
            _ => Exit::Output,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Store(error) => error.into(),
            ArchiveError::Draft(error) => error.into(),
            ArchiveError::Broken(_) => Self::new(Exit::Findings, error.to_string()),
            ArchiveError::Unverified { .. } => Self::new(Exit::Output, error.to_string()),
            _ => Self::new(Exit::Refused, error.to_string()),
        }
    }
}
