//! One rule.

use super::{InvalidRetention, Kept, RetentionSort};
use crate::QueueName;

/// How long a sort is kept, everywhere or in one queue.
///
/// ```
/// use queue_core::{Kept, QueueName, RetentionRule, RetentionSort};
/// let mail = QueueName::new("mail").unwrap();
/// RetentionRule::new(RetentionSort::History, Some(mail.clone()), Kept::days(7)).unwrap();
/// let error = RetentionRule::new(RetentionSort::Subjects, Some(mail), Kept::days(7)).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "subjects: its rows do not know their queue; leave the queue away"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionRule {
    pub(super) sort: RetentionSort,
    pub(super) queue: Option<QueueName>,
    pub(super) kept: Kept,
}

impl RetentionRule {
    /// Checks that there can be such a rule.
    pub fn new(
        sort: RetentionSort,
        queue: Option<QueueName>,
        kept: Kept,
    ) -> Result<Self, InvalidRetention> {
        check_queue(sort, queue.as_ref())?;
        let kept = kept.checked()?;
        Ok(Self { sort, queue, kept })
    }

    /// Of what.
    #[must_use]
    pub fn sort(&self) -> RetentionSort {
        self.sort
    }

    /// In which queue; `None` in all that have no rule of their own.
    #[must_use]
    pub fn queue(&self) -> Option<&QueueName> {
        self.queue.as_ref()
    }

    /// How long.
    #[must_use]
    pub fn kept(&self) -> Kept {
        self.kept
    }
}

/// Refuses a queue where rows do not know theirs.
pub(super) fn check_queue(
    sort: RetentionSort,
    queue: Option<&QueueName>,
) -> Result<(), InvalidRetention> {
    if queue.is_none() || sort.is_by_queue() {
        return Ok(());
    }
    Err(InvalidRetention::new(
        sort.as_str(),
        "its rows do not know their queue",
        "leave the queue away",
    ))
}
