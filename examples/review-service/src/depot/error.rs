//! Why there is no change.

use std::time::Duration;

use queue_core::{Failure, JobError};

use super::Changelist;

/// What came of asking. No variant has anything that the client wrote.
///
/// | error | class | retried |
/// |---|---|---|
/// | [`TimedOut`](Self::TimedOut) | `NETWORK_TIMEOUT` | yes |
/// | [`Unreachable`](Self::Unreachable) | `NETWORK_UNREACHABLE` | yes |
/// | [`Failed`](Self::Failed), [`NotStarted`](Self::NotStarted) | `DEPOT_FAILED` | yes |
/// | [`NoSuchChange`](Self::NoSuchChange) | `CHANGE_NOT_FOUND` | no |
/// | [`NotSubmitted`](Self::NotSubmitted) | `CHANGE_NOT_SUBMITTED` | no |
/// | [`TooLarge`](Self::TooLarge) | `CHANGE_TOO_LARGE` | no |
/// | [`Denied`](Self::Denied) | `AUTH_DENIED` | no |
/// | [`NoClient`](Self::NoClient) | `DEPOT_CLIENT_MISSING` | no |
/// | [`Unreadable`](Self::Unreadable) | `DEPOT_ANSWER_INVALID` | no |
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DepotError {
    /// The client was ended, with all that it had started.
    #[error("the depot's client did not end within {}, and was ended", humantime::format_duration(*.after))]
    TimedOut {
        /// How long it had.
        after: Duration,
    },
    /// The client has no connection.
    #[error("the depot cannot be reached")]
    Unreachable,
    /// The client failed, nobody knows of what.
    #[error("the depot's client failed ({})", code.map_or_else(|| "by a signal".to_owned(), |code| format!("exit code {code}")))]
    Failed {
        /// Its exit code, if it had one.
        code: Option<i32>,
    },
    /// The machine could not start the client.
    #[error("the depot's client could not be started now: {0}")]
    NotStarted(std::io::ErrorKind),
    /// There is none of that number.
    #[error("there is no change {0}")]
    NoSuchChange(Changelist),
    /// It is being worked on still.
    #[error("change {0} is not submitted; ask again when it is")]
    NotSubmitted(Changelist),
    /// Not even its list of files can be read whole.
    #[error(
        "the list of files of change {0} is longer than is read; review it in parts, or raise depot.max_output"
    )]
    TooLarge(Changelist),
    /// The depot does not let us in.
    #[error(
        "the depot does not let us in; see whether the ticket of depot.user is valid, and what it may read"
    )]
    Denied,
    /// There is no client to be started.
    #[error("the depot's client cannot be started: {0}; see depot.executable")]
    NoClient(std::io::ErrorKind),
    /// What the client wrote is no description of the change.
    #[error("the depot's answer is no description of change {changelist}: {problem}")]
    Unreadable {
        /// What was asked for.
        changelist: Changelist,
        /// What is wrong.
        problem: &'static str,
    },
}

impl DepotError {
    /// Its class.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::TimedOut { .. } => "NETWORK_TIMEOUT",
            Self::Unreachable => "NETWORK_UNREACHABLE",
            Self::Failed { .. } | Self::NotStarted(_) => "DEPOT_FAILED",
            Self::NoSuchChange(_) => "CHANGE_NOT_FOUND",
            Self::NotSubmitted(_) => "CHANGE_NOT_SUBMITTED",
            Self::TooLarge(_) => "CHANGE_TOO_LARGE",
            Self::Denied => "AUTH_DENIED",
            Self::NoClient(_) => "DEPOT_CLIENT_MISSING",
            Self::Unreadable { .. } => "DEPOT_ANSWER_INVALID",
        }
    }

    /// Whether another attempt can help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::TimedOut { .. } | Self::Unreachable | Self::Failed { .. } | Self::NotStarted(_)
        )
    }

    /// What ends the attempt.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let error = if self.is_retryable() {
            JobError::retryable(self.class(), self)
        } else {
            JobError::permanent(self.class(), self)
        };
        error.failure().clone()
    }
}
