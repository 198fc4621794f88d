//! What an operator must hear of a store. Losing a race is not here: that is a value.

use std::error::Error;
use std::time::Duration;

use crate::{Code, InvalidBatch, JobId, NotificationId};

/// A boxed cause, whatever driver it came from.
pub type Cause = Box<dyn Error + Send + Sync + 'static>;

/// Why a store could not do what it was asked. The variants say what the caller does next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Others hold the database; it was retried within the bound. Try later.
    #[error("the database is busy: {operation} got no turn within {waited:?}; try again later")]
    Busy {
        /// What was tried.
        operation: &'static str,
        /// For how long.
        waited: Duration,
        /// The driver's words.
        #[source]
        cause: Option<Cause>,
    },
    /// The database cannot be reached or cannot work now, or the connection broke while the operation
    /// was under way: whether it was carried out is then not known.
    #[error("the database is not available for {operation}: {detail}")]
    Unavailable {
        /// What was tried.
        operation: &'static str,
        /// What happened.
        detail: String,
        /// The driver's words.
        #[source]
        cause: Option<Cause>,
    },
    /// The store in this process has ended, whether it was closed or its thread died: what was asked
    /// was not answered, and nothing will be. The database itself may be well.
    #[error(
        "the store is closed and did not answer {operation}: open it again, and look for a panic in \
         this program's log if nobody closed it"
    )]
    Closed {
        /// What was tried.
        operation: &'static str,
    },
    /// The schema is not there, or of another version than this build knows.
    #[error("{}", schema_message(*found, *supported))]
    SchemaMismatch {
        /// The version found; 0 when there is no schema.
        found: u32,
        /// The version this build knows.
        supported: u32,
    },
    /// What is stored cannot be right.
    #[error(
        "the database is damaged: {detail}; restore a backup, or ask for help before writing to it"
    )]
    Corrupt {
        /// What was found.
        detail: String,
    },
    /// The database, path or URL is not one to work with.
    #[error("{what}: {problem}; {remedy}")]
    Refused {
        /// What was given.
        what: String,
        /// What is wrong with it.
        problem: String,
        /// What to do instead.
        remedy: String,
    },
    /// A lease of another database.
    #[error(
        "the lease on job {job} was given by another database; settle it with the store that claimed it"
    )]
    ForeignLease {
        /// The job it was for.
        job: JobId,
    },
    /// A delivery lease of another database.
    #[error(
        "the lease on notification {notification} was given by another database; mark it with the \
         store that leased it"
    )]
    ForeignDelivery {
        /// The row it was for.
        notification: NotificationId,
    },
    /// A batch that no store takes.
    #[error(transparent)]
    Invalid(#[from] InvalidBatch),
    /// Anything else the database said.
    #[error("{operation} failed: {cause}")]
    Backend {
        /// What was tried.
        operation: &'static str,
        /// The driver's words.
        #[source]
        cause: Cause,
    },
}

fn schema_message(found: u32, supported: u32) -> String {
    match found {
        0 => {
            "the database has no Leasehold schema; call migrate(), or open it with migrate=true in \
              its URL"
                .to_owned()
        }
        _ if found > supported => format!(
            "the database has schema version {found}, this build knows {supported}: update this \
             program, it is older than the database"
        ),
        _ => format!(
            "the database has schema version {found}, this build needs {supported}: call migrate()"
        ),
    }
}

impl StoreError {
    /// A stable name for logs, metric labels and exit codes: the same on every store, whatever the
    /// driver's words are.
    ///
    /// ```
    /// use queue_core::{JobId, StoreError};
    /// let error = StoreError::ForeignLease { job: JobId::new(1) };
    /// assert_eq!(error.code(), "foreign_lease");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.catalogued().short()
    }

    /// Its code in the catalogue, which is also the class of a job that fails with it.
    ///
    /// ```
    /// use queue_core::{Code, JobId, StoreError};
    /// let error = StoreError::ForeignLease { job: JobId::new(1) };
    /// assert_eq!(error.catalogued(), Code::StoreForeignLease);
    /// assert_eq!(error.catalogued().as_str(), "STORE_FOREIGN_LEASE");
    /// ```
    #[must_use]
    pub fn catalogued(&self) -> Code {
        match self {
            Self::Busy { .. } => Code::StoreBusy,
            Self::Unavailable { .. } => Code::StoreUnavailable,
            Self::Closed { .. } => Code::StoreClosed,
            Self::SchemaMismatch { .. } => Code::StoreSchemaMismatch,
            Self::Corrupt { .. } => Code::StoreCorrupt,
            Self::Refused { .. } => Code::StoreRefused,
            Self::ForeignLease { .. } => Code::StoreForeignLease,
            Self::ForeignDelivery { .. } => Code::StoreForeignDelivery,
            Self::Invalid(_) => Code::StoreInvalid,
            Self::Backend { .. } => Code::StoreBackend,
        }
    }

    /// Whether the same call may succeed later without anyone's help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Busy { .. } | Self::Unavailable { .. })
    }

    /// Wraps a driver's error that has no variant of its own.
    pub fn backend(operation: &'static str, cause: impl Into<Cause>) -> Self {
        Self::Backend {
            operation,
            cause: cause.into(),
        }
    }

    /// A refusal with what to do instead.
    pub fn refused(
        what: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::Refused {
            what: what.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}
