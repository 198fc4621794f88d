//! What is kept.

use std::fmt;
use std::str::FromStr;

use super::{InvalidRetention, Kept};

/// A sort of what is kept after its end.
///
/// ```
/// use queue_core::{Kept, RetentionSort};
/// let sort: RetentionSort = "history".parse().unwrap();
/// assert_eq!((sort, sort.kept_by_default()), (RetentionSort::History, Kept::days(30)));
/// let error = "histroy".parse::<RetentionSort>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "histroy: there is no such sort; write history, or see `leasehold retention list`"
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RetentionSort {
    /// Finished jobs, succeeded or cancelled.
    History,
    /// Dead letters that were resolved.
    ResolvedLetters,
    /// Dead letters that were discarded.
    DiscardedLetters,
    /// Notifications that were sent or waived, with what happened to them.
    Notifications,
    /// Idempotency keys: how much longer than now one is remembered at most, whatever was promised.
    Keys,
    /// Which revision of a subject succeeded last.
    Subjects,
    /// Runs of replay plans that ended, with their items.
    Replays,
    /// Suppressions that are over.
    Suppressions,
    /// Records of the audit trail, which are archived before they go.
    Audit,
}

impl RetentionSort {
    /// Every sort.
    pub const ALL: [Self; 9] = [
        Self::History,
        Self::ResolvedLetters,
        Self::DiscardedLetters,
        Self::Notifications,
        Self::Keys,
        Self::Subjects,
        Self::Replays,
        Self::Suppressions,
        Self::Audit,
    ];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::ResolvedLetters => "resolved-letters",
            Self::DiscardedLetters => "discarded-letters",
            Self::Notifications => "notifications",
            Self::Keys => "keys",
            Self::Subjects => "subjects",
            Self::Replays => "replays",
            Self::Suppressions => "suppressions",
            Self::Audit => "audit",
        }
    }

    /// What it is, in words.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::History => "finished jobs, from their end",
            Self::ResolvedLetters => "resolved dead letters, from their last change",
            Self::DiscardedLetters => "discarded dead letters, from their last change",
            Self::Notifications => "sent and waived notifications, from when they were stored",
            Self::Keys => "idempotency keys: at most this much longer, whatever was promised",
            Self::Subjects => "which revision of a subject succeeded, from then on",
            Self::Replays => "replay runs with their items, from their end",
            Self::Suppressions => "suppressions that are over, from then on",
            Self::Audit => "audit records; only what is archived goes",
        }
    }

    /// Whether rows of it know their queue, so that a queue can have a rule of its own.
    #[must_use]
    pub const fn is_by_queue(self) -> bool {
        matches!(
            self,
            Self::History | Self::ResolvedLetters | Self::DiscardedLetters
        )
    }

    /// What holds where no rule says anything.
    #[must_use]
    pub const fn kept_by_default(self) -> Kept {
        match self {
            Self::History | Self::Notifications => Kept::days(30),
            Self::ResolvedLetters | Self::DiscardedLetters => Kept::days(90),
            Self::Subjects => Kept::days(365),
            Self::Keys | Self::Replays | Self::Suppressions | Self::Audit => Kept::Forever,
        }
    }

    /// What is not kept for a time, but until something happens: why, and what makes it happen.
    fn endless(name: &str) -> Option<(&'static str, &'static str)> {
        match name {
            "open-letters" | "escalated-letters" | "replaying-letters" => Some((
                "such a letter waits for an operator, and never ends by itself",
                "end it by `leasehold dead resolve` or `leasehold dead discard`; for what is closed write \
                 resolved-letters or discarded-letters",
            )),
            "letters" | "dead" | "dead-letters" => Some((
                "letters are kept by how they were closed",
                "write resolved-letters or discarded-letters",
            )),
            "pending" | "sending" | "in-doubt" | "failed" | "failed-notifications" => Some((
                "such a notification is still to be decided on, and never ends by itself",
                "decide on it by `leasehold notification waive`; for what is settled write notifications",
            )),
            "incidents" | "escalations" => Some((
                "an incident keeps its number, so that a later alert is not taken for an earlier one",
                "leave it: it is a row for each cause",
            )),
            "jobs" => Some((
                "jobs that wait or run never end by themselves",
                "write history",
            )),
            _ => None,
        }
    }
}

impl fmt::Display for RetentionSort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for RetentionSort {
    type Err = InvalidRetention;

    fn from_str(text: &str) -> Result<Self, InvalidRetention> {
        if let Some(sort) = Self::ALL.into_iter().find(|sort| sort.as_str() == text) {
            return Ok(sort);
        }
        if let Some((problem, remedy)) = Self::endless(text) {
            return Err(InvalidRetention::new(text, problem, remedy));
        }
        let nearest = crate::catalogue::nearest(text, Self::ALL, |sort| sort.as_str());
        let nearest = nearest.unwrap_or(Self::History);
        Err(InvalidRetention::new(
            text,
            "there is no such sort",
            format!("write {nearest}, or see `leasehold retention list`"),
        ))
    }
}
