//! What became of the letters of a run.

use serde::Serialize;

use crate::{Code, JobId, LetterState, Replayed, Timestamp};

/// What became of one letter of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemOutcome {
    /// Its job is queued again or runs.
    Running,
    /// Its job has succeeded since.
    Succeeded,
    /// Its job has died again.
    Died,
    /// Its job was cancelled.
    Cancelled,
    /// It had changed since the plan was made, and was left as it was.
    Changed,
    /// There was no evidence on it, and it was left as it was.
    EvidenceMissing,
    /// It was gone.
    NotFound,
}

impl ItemOutcome {
    /// Every outcome, as stores number them.
    pub const ALL: [Self; 7] = [
        Self::Running,
        Self::Succeeded,
        Self::Died,
        Self::Cancelled,
        Self::Changed,
        Self::EvidenceMissing,
        Self::NotFound,
    ];

    /// What a replay came to at first.
    #[must_use]
    pub fn at_first(replayed: Replayed) -> Self {
        match replayed {
            Replayed::Requeued => Self::Running,
            Replayed::Changed { .. } => Self::Changed,
            Replayed::EvidenceMissing => Self::EvidenceMissing,
            Replayed::NotFound => Self::NotFound,
        }
    }

    /// What a replay has come to, by what its letter has become.
    #[must_use]
    pub fn at_last(letter: LetterState) -> Self {
        match letter {
            LetterState::Replaying => Self::Running,
            LetterState::Resolved => Self::Succeeded,
            LetterState::Open | LetterState::Escalated => Self::Died,
            LetterState::Discarded => Self::Cancelled,
        }
    }

    /// A stable reason code.
    ///
    /// ```
    /// use queue_core::ItemOutcome;
    /// assert_eq!(ItemOutcome::Running.code(), "requeued");
    /// assert_eq!(ItemOutcome::Died.code(), "died_again");
    /// ```
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Running => Code::Requeued.as_str(),
            Self::Succeeded => Code::ReplaySucceeded.as_str(),
            Self::Died => Code::DiedAgain.as_str(),
            Self::Cancelled => Code::Cancelled.as_str(),
            Self::Changed => Code::Changed.as_str(),
            Self::EvidenceMissing => Code::EvidenceMissing.as_str(),
            Self::NotFound => Code::NotFound.as_str(),
        }
    }
}

/// One letter of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplayItem {
    /// The job.
    pub job: JobId,
    /// The letter's version in the plan.
    pub version: i64,
    /// When it was replayed, or left out.
    pub at: Timestamp,
    /// What became of it.
    pub outcome: ItemOutcome,
}

/// How many letters of a run came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct RunCounts {
    /// Queued again or at work.
    pub running: u32,
    /// Succeeded since.
    pub succeeded: u32,
    /// Died again.
    pub died: u32,
    /// Cancelled.
    pub cancelled: u32,
    /// Left out since they had changed.
    pub changed: u32,
    /// Left out for want of evidence.
    pub evidence_missing: u32,
    /// Gone.
    pub not_found: u32,
}

impl RunCounts {
    /// Counts so many more of an outcome.
    pub fn add(&mut self, outcome: ItemOutcome, letters: u32) {
        let count = match outcome {
            ItemOutcome::Running => &mut self.running,
            ItemOutcome::Succeeded => &mut self.succeeded,
            ItemOutcome::Died => &mut self.died,
            ItemOutcome::Cancelled => &mut self.cancelled,
            ItemOutcome::Changed => &mut self.changed,
            ItemOutcome::EvidenceMissing => &mut self.evidence_missing,
            ItemOutcome::NotFound => &mut self.not_found,
        };
        *count += letters;
    }

    /// Letters that were looked at.
    #[must_use]
    pub fn seen(&self) -> u32 {
        self.replayed() + self.left_out()
    }

    /// Letters whose jobs were queued again.
    #[must_use]
    pub fn replayed(&self) -> u32 {
        self.running + self.ended()
    }

    /// Of these, those whose jobs have come to an end.
    #[must_use]
    pub fn ended(&self) -> u32 {
        self.succeeded + self.died + self.cancelled
    }

    /// Letters that were left as they were.
    #[must_use]
    pub fn left_out(&self) -> u32 {
        self.changed + self.evidence_missing + self.not_found
    }
}
