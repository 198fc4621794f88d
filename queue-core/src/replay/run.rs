//! A plan being applied.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::batch::{MAX_BATCH, check_lease, check_size, check_unique};
use crate::{
    Act, Code, Evidence, InvalidBatch, JobId, PlanDigest, RunId, StoreError, StoreId, Timestamp,
    WorkerName,
};

use super::outcome::{ItemOutcome, RunCounts};

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It goes on, or can be gone on with.
    Running,
    /// It was stopped: too many failed, or somebody wanted it so.
    Stopped,
    /// All letters of the plan were seen.
    Finished,
}

impl RunState {
    /// Every state, as stores number them.
    pub const ALL: [Self; 3] = [Self::Running, Self::Stopped, Self::Finished];

    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Finished => "finished",
        }
    }
}

/// A plan about to be applied, or gone on with.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Which plan.
    pub plan: PlanDigest,
    /// How many of its letters are to be replayed.
    pub letters: u32,
    /// Finished stages run again.
    pub from_start: bool,
    /// Pace and canary, in words, for those who look at it later. Who goes on with a run puts these in the place of
    /// those that it was begun with.
    pub settings: String,
    /// Who drives it: one process.
    pub holder: WorkerName,
    lease: Duration,
    over_stop: bool,
}

impl NewRun {
    /// Checks the lease: it must be renewed within this time, or another process may go on with the run.
    pub fn new(
        plan: PlanDigest,
        letters: u32,
        holder: WorkerName,
        lease: Duration,
    ) -> Result<Self, InvalidBatch> {
        check_lease(lease)?;
        Ok(Self {
            plan,
            letters,
            from_start: false,
            settings: String::new(),
            holder,
            lease,
            over_stop: false,
        })
    }

    /// Finished stages run again.
    #[must_use]
    pub fn from_start(mut self, from_start: bool) -> Self {
        self.from_start = from_start;
        self
    }

    /// Says pace and canary in words.
    #[must_use]
    pub fn settings(mut self, settings: impl Into<String>) -> Self {
        self.settings = settings.into().replace('\0', "\u{fffd}");
        self
    }

    /// Goes on also where the run was stopped.
    #[must_use]
    pub fn over_stop(mut self) -> Self {
        self.over_stop = true;
        self
    }

    /// How long the lease lasts.
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.lease
    }
}

/// The right to go on with a run: for a time, and until another process takes it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunLease {
    /// Of which store.
    pub store: StoreId,
    /// Which run.
    pub run: RunId,
    /// Grows with every process that takes the run over.
    pub fence: i64,
    /// How long each renewal lasts.
    pub lasts: Duration,
}

impl RunLease {
    /// Refuses a lease that another database gave.
    pub fn check(&self, store: StoreId) -> Result<(), StoreError> {
        if self.store == store {
            return Ok(());
        }
        Err(StoreError::refused(
            "the lease of a run",
            "it is of another database",
            "begin the run in this one",
        ))
    }
}

/// A run as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayRun {
    /// Its number.
    pub id: RunId,
    /// Of which plan. A plan has one run.
    pub plan: PlanDigest,
    /// Where it is.
    pub state: RunState,
    /// How many letters are to be replayed.
    pub letters: u32,
    /// Finished stages run again.
    pub from_start: bool,
    /// Pace and canary, in words: of whoever drives it, or drove it last.
    pub settings: String,
    /// Who began it, and why.
    pub act: Act,
    /// When.
    pub begun_at: Timestamp,
    /// When it was stopped or finished.
    pub ended_at: Option<Timestamp>,
    /// Why it was stopped.
    pub note: Option<String>,
    /// Which process drives it, until when.
    pub held: Option<(WorkerName, Timestamp)>,
    /// How many processes have driven it.
    pub fence: i64,
    /// What became of the letters.
    pub counts: RunCounts,
}

impl ReplayRun {
    /// Whether this lease is the one under which it goes on.
    #[must_use]
    pub fn is_held_by(&self, lease: &RunLease, now: Timestamp) -> bool {
        let in_time = self.held.as_ref().is_some_and(|(_, until)| *until > now);
        self.state == RunState::Running && self.fence == lease.fence && in_time
    }
}

/// What a store does to begin a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BeginStep {
    /// There is none: make it.
    Create,
    /// Nobody drives it: take it over.
    TakeOver,
    /// Leave it as it is.
    Refuse,
}

impl BeginStep {
    /// By what there is of the plan.
    #[must_use]
    pub fn of(found: Option<&ReplayRun>, new: &NewRun, now: Timestamp) -> Self {
        let Some(run) = found else {
            return Self::Create;
        };
        let is_held = run.held.as_ref().is_some_and(|(_, until)| *until > now);
        match run.state {
            RunState::Finished => Self::Refuse,
            RunState::Stopped if !new.over_stop => Self::Refuse,
            _ if is_held => Self::Refuse,
            _ => Self::TakeOver,
        }
    }
}

/// What became of the wish to apply a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is begun.
    New(RunLease),
    /// It was begun before, and is gone on with. What it has done is not done again.
    Resumed(RunLease, Box<ReplayRun>),
    /// Another process is at it, or it is over: see its state and who holds it.
    Refused(Box<ReplayRun>),
}

impl Begun {
    /// A stable reason code: whether the plan is being applied by the caller now, and if not, why.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::New(_) | Self::Resumed(..) => Code::Applied.as_str(),
            Self::Refused(run) => match run.state {
                RunState::Running => Code::RunHeld.as_str(),
                RunState::Stopped => Code::RunStopped.as_str(),
                RunState::Finished => Code::RunFinished.as_str(),
            },
        }
    }
}

/// Letters of a plan that are replayed in one transaction, and the evidence for those that have none.
#[derive(Debug, Clone)]
pub struct RunBatch {
    letters: Vec<(JobId, i64)>,
    evidence: Option<Evidence>,
}

impl RunBatch {
    /// Jobs with the version of their letter in the plan; each once.
    pub fn new(letters: Vec<(JobId, i64)>) -> Result<Self, InvalidBatch> {
        check_size(letters.len(), MAX_BATCH)?;
        check_unique("job", &letters, |(job, _)| *job)?;
        Ok(Self {
            letters,
            evidence: None,
        })
    }

    /// Attaches this to each letter that has no evidence about its last death.
    #[must_use]
    pub fn evidence(mut self, evidence: Evidence) -> Self {
        self.evidence = Some(evidence);
        self
    }

    /// The jobs and versions, in the order given.
    #[must_use]
    pub fn letters(&self) -> &[(JobId, i64)] {
        &self.letters
    }

    /// What is attached.
    #[must_use]
    pub fn attached(&self) -> Option<&Evidence> {
        self.evidence.as_ref()
    }
}

/// What became of a batch of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunApplied {
    /// Of each letter, in the order given. One that the run had seen before is not replayed again: it
    /// answers with what became of it.
    Applied(Vec<ItemOutcome>),
    /// Another process has the run now, or it is over. Nothing was changed.
    LeaseLost,
}

impl RunApplied {
    /// A stable reason code: whether this was written, and if not, why.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Applied(_) => Code::Applied.as_str(),
            Self::LeaseLost => Code::LeaseLost.as_str(),
        }
    }
}

/// How a process leaves a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnd {
    /// All letters were seen.
    Finished,
    /// It is stopped, for this reason; going on is a decision.
    Stopped(String),
    /// The process ends: another may go on at once.
    LeftOff,
}

impl RunEnd {
    /// The state that the run is in afterwards.
    #[must_use]
    pub fn state(&self) -> RunState {
        match self {
            Self::Finished => RunState::Finished,
            Self::Stopped(_) => RunState::Stopped,
            Self::LeftOff => RunState::Running,
        }
    }

    /// Why it was stopped, as stored.
    #[must_use]
    pub fn note(&self) -> Option<String> {
        match self {
            Self::Stopped(why) => Some(why.replace('\0', "\u{fffd}")),
            Self::Finished | Self::LeftOff => None,
        }
    }

    /// The action in the audit trail.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Finished => "replay.finish",
            Self::Stopped(_) => "replay.stop",
            Self::LeftOff => "replay.leave",
        }
    }
}
