//! Jobs that stopped and wait for an operator.

use serde::{Deserialize, Serialize};

use crate::batch::{MAX_BATCH, check_size, check_unique};
use crate::{
    Actor, Code, ErrorClass, EvidenceNote, EvidenceReference, InvalidBatch, InvalidName, JobId,
    JobView, Payload, ReasonCode, Timestamp,
};

/// Where a dead letter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterState {
    /// Nobody did anything about it yet.
    Open,
    /// Its job runs again.
    Replaying,
    /// Its job succeeded after a replay, or an operator settled the matter.
    Resolved,
    /// It failed again in the same way after a replay.
    Escalated,
    /// An operator gave it up.
    Discarded,
}

/// All legal transitions of dead letters.
pub const LETTER_TRANSITIONS: &[(LetterState, LetterState)] = &[
    (LetterState::Open, LetterState::Replaying),
    (LetterState::Open, LetterState::Resolved),
    (LetterState::Open, LetterState::Discarded),
    (LetterState::Replaying, LetterState::Open),
    (LetterState::Replaying, LetterState::Resolved),
    (LetterState::Replaying, LetterState::Escalated),
    (LetterState::Replaying, LetterState::Discarded),
    (LetterState::Escalated, LetterState::Replaying),
    (LetterState::Escalated, LetterState::Resolved),
    (LetterState::Escalated, LetterState::Discarded),
];

impl LetterState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Open,
        Self::Replaying,
        Self::Resolved,
        Self::Escalated,
        Self::Discarded,
    ];

    /// The state's name in databases, labels and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Replaying => "replaying",
            Self::Resolved => "resolved",
            Self::Escalated => "escalated",
            Self::Discarded => "discarded",
        }
    }

    /// Whether the table has the step.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        LETTER_TRANSITIONS.contains(&(self, next))
    }

    /// What a letter says at the end, when its job's end is what ended it.
    #[must_use]
    pub const fn note_of_replay(self) -> Option<&'static str> {
        match self {
            Self::Resolved => Some("its job succeeded after a replay"),
            Self::Discarded => Some("its job was cancelled while it was replayed"),
            Self::Open | Self::Replaying | Self::Escalated => None,
        }
    }

    /// Whether evidence can be attached and the payload amended: its job waits for an operator.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Open | Self::Escalated)
    }

    /// The letter's state when its job dies: `prior` is the class it had died of before a replay.
    ///
    /// ```
    /// use queue_core::{ErrorClass, LetterState};
    /// let timeout = ErrorClass::new("NETWORK_TIMEOUT").unwrap();
    /// assert_eq!(LetterState::on_death(None, &timeout), LetterState::Open);
    /// assert_eq!(LetterState::on_death(Some(&timeout), &timeout), LetterState::Escalated);
    /// ```
    #[must_use]
    pub fn on_death(prior: Option<&ErrorClass>, class: &ErrorClass) -> Self {
        if prior == Some(class) {
            Self::Escalated
        } else {
            Self::Open
        }
    }
}

impl std::fmt::Display for LetterState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a dead letter may be replayed: what was found and where it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// A ticket number or link.
    pub reference: EvidenceReference,
    /// What was found.
    pub note: EvidenceNote,
}

impl Evidence {
    /// Parses both; the error says what to write instead.
    ///
    /// ```
    /// use queue_core::Evidence;
    /// assert!(Evidence::new("OPS-17", "the provider was down until 14:20").is_ok());
    /// let error = Evidence::new("OPS-17\0", "…").unwrap_err();
    /// assert!(error.to_string().contains("write 1 to 1000 bytes of text"));
    /// ```
    pub fn new(reference: impl AsRef<str>, note: impl AsRef<str>) -> Result<Self, InvalidName> {
        Ok(Self {
            reference: EvidenceReference::new(reference)?,
            note: EvidenceNote::new(note)?,
        })
    }
}

/// Evidence as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRecord {
    /// Who attached it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// What.
    pub evidence: Evidence,
}

/// A dead letter as an operator sees it. There is one per job, for as many deaths as it has.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetter {
    /// The job, with payload, stage, attempts and last failure.
    pub job: JobView,
    /// Where the letter is.
    pub state: LetterState,
    /// Grows with every change: what a plan was made on.
    pub version: i64,
    /// How often the job died.
    pub deaths: u32,
    /// How often it was replayed.
    pub replays: u32,
    /// When it last died.
    pub died_at: Timestamp,
    /// Why its payload or result was refused, if it died of that.
    pub reason: Option<ReasonCode>,
    /// Why a replay is justified.
    pub evidence: Vec<EvidenceRecord>,
    /// How it ended: the reason of whoever closed it, or what became of the replay.
    pub note: Option<String>,
    /// What the job was enqueued with, if an operator has put another payload in its place.
    pub original_payload: Option<Payload>,
}

/// Letters to be replayed, each as it was when the operator looked at it.
///
/// ```
/// use queue_core::{JobId, ReplayBatch};
/// let (job, version) = (JobId::new(7), 2);
/// let batch = ReplayBatch::new(vec![(job, version)]).unwrap().from_start();
/// assert!(batch.discards_stages());
/// let twice = ReplayBatch::new(vec![(job, 2), (job, 3)]).unwrap_err();
/// assert_eq!(twice.to_string(), "job 7 is in the batch twice: pass it once");
/// ```
#[derive(Debug, Clone)]
pub struct ReplayBatch {
    letters: Vec<(JobId, i64)>,
    from_start: bool,
}

impl ReplayBatch {
    /// Jobs with the version of their letter, from the failed stage on.
    pub fn new(letters: Vec<(JobId, i64)>) -> Result<Self, InvalidBatch> {
        check_size(letters.len(), MAX_BATCH)?;
        check_unique("job", &letters, |(job, _)| *job)?;
        Ok(Self {
            letters,
            from_start: false,
        })
    }

    /// Discards the outputs of finished stages.
    #[must_use]
    pub fn from_start(mut self) -> Self {
        self.from_start = true;
        self
    }

    /// The jobs and versions, in the order given.
    #[must_use]
    pub fn letters(&self) -> &[(JobId, i64)] {
        &self.letters
    }

    /// Whether finished stages run again.
    #[must_use]
    pub fn discards_stages(&self) -> bool {
        self.from_start
    }
}

/// What became of one replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replayed {
    /// Its job is queued again.
    Requeued,
    /// There is no evidence on it; nothing was changed.
    EvidenceMissing,
    /// It changed since the operator looked at it, or is not in a state to be replayed from.
    Changed {
        /// Its state now.
        state: LetterState,
        /// Its version now.
        version: i64,
    },
    /// There is no such dead letter.
    NotFound,
}

impl Replayed {
    /// Why a letter in this state and version is not replayed for someone who saw `seen`.
    #[must_use]
    pub fn refusal(
        state: LetterState,
        version: i64,
        seen: i64,
        has_evidence: bool,
    ) -> Option<Self> {
        if version != seen || !state.may_become(LetterState::Replaying) {
            return Some(Self::Changed { state, version });
        }
        (!has_evidence).then_some(Self::EvidenceMissing)
    }

    /// A stable reason code: whether the job is queued again, and if not, why.
    ///
    /// ```
    /// use queue_core::Replayed;
    /// assert_eq!(Replayed::EvidenceMissing.code(), "evidence_missing");
    /// ```
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Requeued => Code::Requeued.as_str(),
            Self::EvidenceMissing => Code::EvidenceMissing.as_str(),
            Self::Changed { .. } => Code::Changed.as_str(),
            Self::NotFound => Code::NotFound.as_str(),
        }
    }
}

/// How an operator ends a dead letter without a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closure {
    /// The matter is settled otherwise.
    Resolve,
    /// It is given up.
    Discard,
}

impl Closure {
    /// The state it leads to.
    #[must_use]
    pub fn target(self) -> LetterState {
        match self {
            Self::Resolve => LetterState::Resolved,
            Self::Discard => LetterState::Discarded,
        }
    }

    /// The action in the audit trail.
    #[must_use]
    pub fn action(self) -> &'static str {
        match self {
            Self::Resolve => "dead_letter.resolve",
            Self::Discard => "dead_letter.discard",
        }
    }
}

/// What became of one closure, or of evidence attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterChange {
    /// It is written; this is the letter's version now.
    Applied {
        /// The letter's version now.
        version: i64,
    },
    /// Not possible in the letter's state; nothing was changed.
    Refused {
        /// Its state.
        state: LetterState,
    },
    /// There is no such dead letter.
    NotFound,
}

impl LetterChange {
    /// A stable reason code: whether this was written, and if not, why.
    ///
    /// ```
    /// use queue_core::LetterChange;
    /// assert_eq!(LetterChange::NotFound.code(), "not_found");
    /// ```
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Applied { .. } => Code::Applied.as_str(),
            Self::Refused { .. } => Code::Refused.as_str(),
            Self::NotFound => Code::NotFound.as_str(),
        }
    }
}

/// What became of another payload for a dead job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amended {
    /// It is in the old one's place; this is the letter's version now.
    Applied {
        /// The letter's version now.
        version: i64,
    },
    /// The letter changed since the operator looked at it; nothing was changed.
    Changed {
        /// Its version now.
        version: i64,
    },
    /// Not possible in the letter's state; nothing was changed.
    Refused {
        /// Its state.
        state: LetterState,
    },
    /// There is no such dead letter.
    NotFound,
}

impl Amended {
    /// A letter in this state and version: whether its payload can be amended by someone who saw `seen`.
    #[must_use]
    pub fn refusal(state: LetterState, version: i64, seen: i64) -> Option<Self> {
        if !state.is_waiting() {
            return Some(Self::Refused { state });
        }
        (version != seen).then_some(Self::Changed { version })
    }

    /// A stable reason code: whether this was written, and if not, why.
    ///
    /// ```
    /// use queue_core::Amended;
    /// assert_eq!(Amended::Changed { version: 3 }.code(), "changed");
    /// ```
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Applied { .. } => Code::Applied.as_str(),
            Self::Changed { .. } => Code::Changed.as_str(),
            Self::Refused { .. } => Code::Refused.as_str(),
            Self::NotFound => Code::NotFound.as_str(),
        }
    }
}
