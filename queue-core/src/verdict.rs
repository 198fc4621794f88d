//! What operators decide on single notifications.

use crate::batch::{MAX_BATCH, check_size, check_unique};
use crate::{
    Code, Evidence, Fence, InvalidBatch, JobId, NotificationId, NotificationState, Recipient,
};

/// What is decided.
///
/// ```
/// use queue_core::{Evidence, NotificationState, NotificationVerb};
/// let seen = Evidence::new("OPS-17", "she has it").unwrap();
/// let verdict = NotificationVerb::Delivered(seen);
/// assert_eq!(verdict.from(), NotificationState::InDoubt);
/// assert_eq!(verdict.target(), NotificationState::Sent);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotificationVerb {
    /// One that failed is sent again, with all its attempts.
    Retry,
    /// One that failed is sent to somebody else.
    Redirect(Recipient),
    /// One that failed need not be sent.
    Waive,
    /// One in doubt was delivered.
    Delivered(Evidence),
    /// One in doubt was not delivered, and is sent again.
    NotDelivered(Evidence),
}

impl NotificationVerb {
    /// The state that it is for.
    #[must_use]
    pub fn from(&self) -> NotificationState {
        match self {
            Self::Retry | Self::Redirect(_) | Self::Waive => NotificationState::Failed,
            Self::Delivered(_) | Self::NotDelivered(_) => NotificationState::InDoubt,
        }
    }

    /// The state that it leads to.
    #[must_use]
    pub fn target(&self) -> NotificationState {
        match self {
            Self::Retry | Self::Redirect(_) | Self::NotDelivered(_) => NotificationState::Pending,
            Self::Waive => NotificationState::Waived,
            Self::Delivered(_) => NotificationState::Sent,
        }
    }

    /// Whether it leaves open what became of an earlier attempt that [may have been
    /// taken](crate::Notification::perhaps_taken). A verdict ends that, and another recipient has another
    /// key.
    #[must_use]
    pub fn keeps_doubt(&self) -> bool {
        matches!(self, Self::Retry | Self::Waive)
    }

    /// Its name in the audit trail.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Retry => "notification.retry",
            Self::Redirect(_) => "notification.redirect",
            Self::Waive => "notification.waive",
            Self::Delivered(_) => "notification.delivered",
            Self::NotDelivered(_) => "notification.not_delivered",
        }
    }

    /// What was found, for a verdict.
    #[must_use]
    pub fn evidence(&self) -> Option<&Evidence> {
        match self {
            Self::Delivered(evidence) | Self::NotDelivered(evidence) => Some(evidence),
            _ => None,
        }
    }
}

/// One decision on notifications as they were seen: each by its id and the fence it had.
#[derive(Debug, Clone)]
pub struct VerbBatch {
    verb: NotificationVerb,
    targets: Vec<(NotificationId, Fence)>,
}

impl VerbBatch {
    /// 1 to 10,000 notifications, each once. Only one at a time is redirected.
    pub fn new(
        verb: NotificationVerb,
        targets: Vec<(NotificationId, Fence)>,
    ) -> Result<Self, InvalidBatch> {
        let most = match verb {
            NotificationVerb::Redirect(_) => 1,
            _ => MAX_BATCH,
        };
        check_size(targets.len(), most)?;
        check_unique("notification", &targets, |(id, _)| *id)?;
        Ok(Self { verb, targets })
    }

    /// What is decided.
    #[must_use]
    pub fn verb(&self) -> &NotificationVerb {
        &self.verb
    }

    /// On which, in the order given.
    #[must_use]
    pub fn targets(&self) -> &[(NotificationId, Fence)] {
        &self.targets
    }
}

/// What became of one decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotificationChange {
    /// It is written.
    Applied {
        /// The row's state now.
        state: NotificationState,
        /// The jobs that had waited for it last, and are `succeeded` since this transaction.
        finished_jobs: Vec<JobId>,
    },
    /// There is no such row.
    NotFound,
    /// It was leased since it was seen: look again.
    Changed,
    /// The decision is not for rows in this state.
    Refused {
        /// The state it is in.
        state: NotificationState,
    },
}

impl NotificationChange {
    /// A stable reason code.
    ///
    /// ```
    /// use queue_core::NotificationChange;
    /// assert_eq!(NotificationChange::NotFound.code(), "not_found");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Applied { .. } => Code::Applied.as_str(),
            Self::NotFound => Code::NotFound.as_str(),
            Self::Changed => Code::Changed.as_str(),
            Self::Refused { .. } => Code::Refused.as_str(),
        }
    }
}
