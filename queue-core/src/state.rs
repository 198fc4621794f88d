//! The states of a job and the one table of what may follow what.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a job is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waits for a worker, for its time, or for its turn behind its ordering key.
    Queued,
    /// Under a lease.
    Running,
    /// The work is done; required notifications are still outstanding.
    AwaitingDelivery,
    /// Finished.
    Succeeded,
    /// Stopped; a dead letter waits for an operator.
    Dead,
    /// Given up on purpose.
    Cancelled,
}

/// All legal transitions. What happens to a job is decided elsewhere ([`decide`](crate::decide), the
/// operators' verbs) and written by a store's fenced statement; this is what both are held to: each
/// decision is tested against it, and the random histories of `fixtures` check every step that a
/// store's jobs take. Diagrams are drawn from it.
///
/// `Queued → Dead` is absent on purpose (only an attempt can kill a job), and so is anything out of
/// `Succeeded` or `Cancelled`. `Dead → Queued` is a replay.
pub const TRANSITIONS: &[(JobState, JobState)] = &[
    (JobState::Queued, JobState::Running),
    (JobState::Queued, JobState::Cancelled),
    (JobState::Running, JobState::Queued),
    (JobState::Running, JobState::AwaitingDelivery),
    (JobState::Running, JobState::Succeeded),
    (JobState::Running, JobState::Dead),
    (JobState::Running, JobState::Cancelled),
    (JobState::AwaitingDelivery, JobState::Succeeded),
    (JobState::Dead, JobState::Queued),
];

impl JobState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::AwaitingDelivery,
        Self::Succeeded,
        Self::Dead,
        Self::Cancelled,
    ];

    /// The state's name in databases, labels and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::AwaitingDelivery => "awaiting_delivery",
            Self::Succeeded => "succeeded",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// What may follow this state.
    pub fn successors(self) -> impl Iterator<Item = Self> {
        TRANSITIONS
            .iter()
            .filter(move |(from, _)| *from == self)
            .map(|(_, to)| *to)
    }

    /// Whether nothing follows without an operator.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Dead | Self::Cancelled)
    }

    /// Checks a step against the table.
    ///
    /// ```
    /// use queue_core::JobState;
    /// assert!(JobState::Running.check(JobState::Succeeded).is_ok());
    /// let error = JobState::Succeeded.check(JobState::Queued).unwrap_err();
    /// assert_eq!(error.to_string(), "a job cannot go from succeeded to queued; from succeeded nothing follows");
    /// ```
    pub fn check(self, to: Self) -> Result<(), IllegalTransition> {
        if TRANSITIONS.contains(&(self, to)) {
            Ok(())
        } else {
            Err(IllegalTransition { from: self, to })
        }
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A step that the table does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IllegalTransition {
    /// Where the job is.
    pub from: JobState,
    /// Where it was asked to go.
    pub to: JobState,
}

impl fmt::Display for IllegalTransition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a job cannot go from {} to {}; from {} ",
            self.from, self.to, self.from
        )?;
        let allowed: Vec<_> = self.from.successors().map(JobState::as_str).collect();
        if allowed.is_empty() {
            f.write_str("nothing follows")
        } else {
            write!(f, "it may go to {}", allowed.join(", "))
        }
    }
}

impl std::error::Error for IllegalTransition {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dead_is_final_and_can_be_left_again() {
        for state in JobState::ALL.into_iter().filter(|s| s.is_final()) {
            let next: Vec<_> = state.successors().collect();
            assert_eq!(
                next,
                if state == JobState::Dead {
                    vec![JobState::Queued]
                } else {
                    vec![]
                }
            );
        }
    }

    #[test]
    fn every_state_is_reachable_and_no_state_follows_itself() {
        for state in JobState::ALL {
            assert!(state.check(state).is_err());
            assert!(TRANSITIONS.iter().any(|(_, to)| *to == state), "{state}");
        }
    }
}
