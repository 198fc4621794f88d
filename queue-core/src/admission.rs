//! Whether a job may come in: the rules on keys, subjects and revisions, once for all stores.

use crate::{Code, JobId, Revision, SubjectRevision};

/// What became of one job of a batch.
///
/// The order of the checks is: idempotency key, then subject. A known key answers with its job even
/// when that job's revision is stale by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// It is stored.
    Created(JobId),
    /// Its key was there already: this is the first job; nothing was created.
    Duplicate(JobId),
    /// This revision of its subject succeeded already, by this job.
    AlreadySucceeded(JobId),
    /// A higher revision of its subject succeeded already.
    StaleRevision {
        /// The job that succeeded.
        succeeded: JobId,
        /// Its revision.
        latest: Revision,
    },
    /// A lower revision of its subject succeeded already; say `rerun` to do it again.
    RerunRequired {
        /// The job that succeeded.
        succeeded: JobId,
        /// Its revision.
        latest: Revision,
    },
}

impl Enqueued {
    /// A stable reason code: why this job was created or was not.
    ///
    /// ```
    /// use queue_core::{Enqueued, JobId};
    /// assert_eq!(Enqueued::Duplicate(JobId::new(1)).code(), "duplicate");
    /// ```
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Created(_) => Code::Created.as_str(),
            Self::Duplicate(_) => Code::Duplicate.as_str(),
            Self::AlreadySucceeded(_) => Code::AlreadySucceeded.as_str(),
            Self::StaleRevision { .. } => Code::StaleRevision.as_str(),
            Self::RerunRequired { .. } => Code::RerunRequired.as_str(),
        }
    }

    /// The new job, if one was created.
    #[must_use]
    pub fn created(self) -> Option<JobId> {
        match self {
            Self::Created(id) => Some(id),
            _ => None,
        }
    }

    /// The job that answers for this intent: the new one or the one that was there.
    #[must_use]
    pub fn job(self) -> JobId {
        match self {
            Self::Created(id) | Self::Duplicate(id) | Self::AlreadySucceeded(id) => id,
            Self::StaleRevision { succeeded, .. } | Self::RerunRequired { succeeded, .. } => {
                succeeded
            }
        }
    }
}

/// Judges a job's revision against the last one that succeeded; `None` lets it in.
///
/// ```
/// use queue_core::{admission, Enqueued, JobId, Revision, Subject, SubjectRevision};
/// let succeeded = Some((JobId::new(1), Revision::new(3)));
/// let wanted = |revision| SubjectRevision {
///     subject: Subject::new("changelist:7").unwrap(), revision: Revision::new(revision), rerun: false,
/// };
/// assert_eq!(admission::judge(&wanted(3), succeeded), Some(Enqueued::AlreadySucceeded(JobId::new(1))));
/// assert!(matches!(admission::judge(&wanted(2), succeeded), Some(Enqueued::StaleRevision { .. })));
/// assert!(matches!(admission::judge(&wanted(4), succeeded), Some(Enqueued::RerunRequired { .. })));
/// assert_eq!(admission::judge(&wanted(4), None), None);
/// ```
#[must_use]
pub fn judge(wanted: &SubjectRevision, succeeded: Option<(JobId, Revision)>) -> Option<Enqueued> {
    let (succeeded, latest) = succeeded?;
    match wanted.revision.cmp(&latest) {
        std::cmp::Ordering::Equal => Some(Enqueued::AlreadySucceeded(succeeded)),
        std::cmp::Ordering::Less => Some(Enqueued::StaleRevision { succeeded, latest }),
        std::cmp::Ordering::Greater if wanted.rerun => None,
        std::cmp::Ordering::Greater => Some(Enqueued::RerunRequired { succeeded, latest }),
    }
}
