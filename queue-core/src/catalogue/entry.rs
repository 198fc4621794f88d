//! What the catalogue says of a code.

use serde::Serialize;

use super::Code;

/// All that is to be known of one code.
///
/// ```
/// use queue_core::catalogue::{Code, Responsible, Retry};
/// let entry = Code::LimitExceeded.entry();
/// assert_eq!((entry.retry, entry.responsible), (Retry::AfterFix, Responsible::Producer));
/// assert!(entry.reasons.iter().any(|reason| reason.name == "too_deep"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// The code.
    pub code: Code,
    /// The name under which [`StoreError::code`](crate::StoreError::code) gives it, where that is shorter.
    pub short: Option<&'static str>,
    /// The version that gave it first.
    pub since: &'static str,
    /// Whether it is still given.
    pub status: Status,
    /// Where it arises.
    pub stage: Stage,
    /// When a repetition helps.
    pub retry: Retry,
    /// Who has to act.
    pub responsible: Responsible,
    /// What it says.
    pub meaning: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// What travels with it.
    pub parameters: &'static [Parameter],
    /// The finer reasons under it.
    pub reasons: &'static [Reason],
    /// Whether it stands for other problems: its reason is the code of the first of them then.
    pub summary: bool,
    /// What provokes it.
    pub example: Example,
}

/// Whether a code is still given. Its name is never given to something else.
///
/// ```
/// use queue_core::catalogue::{Code, Status};
/// assert_eq!(Code::InvalidJson.entry().status, Status::Active);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// It is given.
    Active,
    /// Only older versions give it.
    Retired {
        /// The first version that does not.
        since: &'static str,
        /// What is given now, if anything.
        instead: Option<Code>,
    },
}

/// Where a code arises.
///
/// ```
/// use queue_core::catalogue::{Code, Stage};
/// assert_eq!(Code::InvalidJson.entry().stage, Stage::Contract);
/// assert_eq!(Stage::Contract.as_str(), "contract");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// A document is read by its contract.
    Contract,
    /// A job is made and let in.
    Enqueue,
    /// A schedule is made and fired.
    Schedule,
    /// A job runs.
    Worker,
    /// A message is stored and sent.
    Delivery,
    /// A store does what it was asked.
    Store,
    /// An operator acts.
    Operator,
    /// A database is examined.
    Doctor,
}

impl Stage {
    /// Every stage, in the order of a job's way.
    pub const ALL: [Self; 8] = [
        Self::Contract,
        Self::Enqueue,
        Self::Schedule,
        Self::Worker,
        Self::Delivery,
        Self::Store,
        Self::Operator,
        Self::Doctor,
    ];

    /// Its name in JSON and in labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Enqueue => "enqueue",
            Self::Schedule => "schedule",
            Self::Worker => "worker",
            Self::Delivery => "delivery",
            Self::Store => "store",
            Self::Operator => "operator",
            Self::Doctor => "doctor",
        }
    }
}

/// When a repetition helps.
///
/// ```
/// use queue_core::catalogue::Retry;
/// assert_eq!(serde_json::to_string(&Retry::AfterFix).unwrap(), r#""after_fix""#);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Retry {
    /// Not at all: nothing failed, or nothing can be repeated.
    Never,
    /// The same again may succeed later, without anyone's help.
    Same,
    /// Once who is responsible has changed what is at fault.
    AfterFix,
    /// Once it is known whether the attempt before took effect: a blind repetition may do it twice.
    AfterReconcile,
}

/// Who has to act.
///
/// ```
/// use queue_core::catalogue::Responsible;
/// assert_eq!(serde_json::to_string(&Responsible::Provider).unwrap(), r#""provider""#);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Responsible {
    /// Who writes the document or enqueues the job.
    Producer,
    /// Who reads the document or runs the job.
    Consumer,
    /// The service on the other side of a call.
    Provider,
    /// Who runs the processes and the database.
    Operator,
}

/// A value that travels with a code.
///
/// ```
/// use queue_core::catalogue::{Code, ParameterKind};
/// let path = &Code::SchemaMismatch.entry().parameters[0];
/// assert_eq!((path.name, path.kind), ("path", ParameterKind::Path));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: ParameterKind,
    /// What it says.
    pub meaning: &'static str,
}

/// The type of a parameter.
///
/// ```
/// use queue_core::catalogue::ParameterKind;
/// assert_eq!(ParameterKind::Version.as_str(), "version");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParameterKind {
    /// Any text.
    Text,
    /// A whole number.
    Integer,
    /// A place in a document, as a JSON Pointer.
    Path,
    /// A version.
    Version,
    /// A span of time.
    Duration,
    /// The id of a job or of a notification.
    Id,
    /// Another code.
    Code,
}

impl ParameterKind {
    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Path => "path",
            Self::Version => "version",
            Self::Duration => "duration",
            Self::Id => "id",
            Self::Code => "code",
        }
    }
}

/// A finer reason under a code.
///
/// ```
/// use queue_core::catalogue::Code;
/// assert_eq!(Code::InvalidLineRange.entry().reasons[1].name, "end_before_start");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reason {
    /// Its name: stable, as the code is.
    pub name: &'static str,
    /// What it says.
    pub meaning: &'static str,
}

/// What provokes a code.
///
/// ```
/// use queue_core::catalogue::{Code, Example};
/// assert!(matches!(Code::InvalidJson.entry().example, Example::Reads(_)));
/// assert!(matches!(Code::HandlerPanic.entry().example, Example::Happens(_)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Example {
    /// This document is read.
    Reads(&'static str),
    /// This happens.
    Happens(&'static str),
}
