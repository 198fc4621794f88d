//! What is unsafe about a replay.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Code, JobId, LetterState, LetterSummary, Revision};

/// What a database knows of a dead job beside its letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplayFacts {
    /// The job.
    pub job: JobId,
    /// Whether it was enqueued under an idempotency key that is still remembered.
    pub has_key: bool,
    /// The revision of its subject that another job has succeeded with, if it is not older than this job's.
    pub newer_revision: Option<Revision>,
}

/// What its caller knows of a dead job's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadCheck {
    /// It keeps the contract that its kind has today, or the kind has none.
    Valid,
    /// It does not.
    Invalid,
    /// No service that is known to the caller has such a kind.
    UnknownKind,
    /// The caller knows nothing of kinds.
    Unchecked,
}

/// Why a replay may do harm, or cannot be done.
///
/// ```
/// use queue_core::Risk;
/// assert_eq!(Risk::DiedAgain.code(), "died_again");
/// assert_eq!("died_again".parse(), Ok(Risk::DiedAgain));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Risk {
    /// There is no evidence that its cause is gone: it is not replayed until there is.
    EvidenceMissing,
    /// It was enqueued without an idempotency key: what it did before it died may be done twice.
    NoIdempotencyKey,
    /// A newer revision of its subject has succeeded, or the same in another job: an old state would
    /// overwrite a new one.
    NewerRevisionSucceeded,
    /// No known service works on its kind.
    KindUnknown,
    /// Its payload does not keep the contract of its kind: it would die at once.
    PayloadInvalid,
    /// It was replayed before, and died of the same.
    DiedAgain,
}

impl Risk {
    /// Every risk.
    pub const ALL: [Self; 6] = [
        Self::EvidenceMissing,
        Self::NoIdempotencyKey,
        Self::NewerRevisionSucceeded,
        Self::KindUnknown,
        Self::PayloadInvalid,
        Self::DiedAgain,
    ];

    /// The risks of one letter.
    #[must_use]
    pub fn of(
        letter: &LetterSummary,
        facts: Option<&ReplayFacts>,
        payload: PayloadCheck,
    ) -> BTreeSet<Self> {
        let found = [
            (!letter.has_evidence, Self::EvidenceMissing),
            (
                facts.is_none_or(|facts| !facts.has_key),
                Self::NoIdempotencyKey,
            ),
            (
                facts.is_some_and(|facts| facts.newer_revision.is_some()),
                Self::NewerRevisionSucceeded,
            ),
            (payload == PayloadCheck::UnknownKind, Self::KindUnknown),
            (payload == PayloadCheck::Invalid, Self::PayloadInvalid),
            (letter.state == LetterState::Escalated, Self::DiedAgain),
        ];
        let there = found.into_iter().filter(|(is_there, _)| *is_there);
        there.map(|(_, risk)| risk).collect()
    }

    /// Its entry in the catalogue.
    #[must_use]
    pub const fn catalogued(self) -> Code {
        match self {
            Self::EvidenceMissing => Code::EvidenceMissing,
            Self::NoIdempotencyKey => Code::NoIdempotencyKey,
            Self::NewerRevisionSucceeded => Code::NewerRevisionSucceeded,
            Self::KindUnknown => Code::KindUnknown,
            Self::PayloadInvalid => Code::PayloadInvalid,
            Self::DiedAgain => Code::DiedAgain,
        }
    }

    /// Its stable reason code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.catalogued().as_str()
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl From<Risk> for &'static str {
    fn from(risk: Risk) -> Self {
        risk.code()
    }
}

impl std::str::FromStr for Risk {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let risk = Self::ALL.into_iter().find(|risk| risk.code() == text);
        risk.ok_or_else(|| {
            let known = Self::ALL.map(Self::code).join(", ");
            format!("`{}` is no risk; write one of {known}", text.escape_debug())
        })
    }
}

impl TryFrom<String> for Risk {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
