//! Ending attempts: many at once, each under its own fence.

use crate::batch::{MAX_BATCH, check_size, check_unique};
use crate::{Enqueued, InvalidBatch, JobState, Lease, Progress, Published, QueueName, Transition};

/// One attempt and what follows from it.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// The lease under which the attempt ran.
    pub lease: Lease,
    /// What [`crate::decide`] said.
    pub transition: Transition,
}

/// On which ground settlements are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// By whoever holds the leases: they must not have run out.
    Held,
    /// By the sweeper: they must have run out.
    Expired,
}

/// Settlements of different jobs, applied in one transaction, each on its own: one that has lost its
/// lease changes nothing and does not hold the others back.
///
/// Without the check for repeats, the same lease settled twice would give `Applied, LeaseLost` on a
/// store that loops and `Applied, Applied` on one that updates a set.
#[derive(Debug, Clone)]
pub struct SettleBatch {
    ground: Ground,
    settlements: Vec<Settlement>,
}

impl SettleBatch {
    /// For the holders of the leases.
    pub fn new(settlements: Vec<Settlement>) -> Result<Self, InvalidBatch> {
        Self::on(Ground::Held, settlements)
    }

    /// For leases that [`crate::JobStore::expired`] listed.
    pub fn of_expired(settlements: Vec<Settlement>) -> Result<Self, InvalidBatch> {
        Self::on(Ground::Expired, settlements)
    }

    fn on(ground: Ground, settlements: Vec<Settlement>) -> Result<Self, InvalidBatch> {
        check_size(settlements.len(), MAX_BATCH)?;
        check_unique("job", &settlements, |s| s.lease.job())?;
        Ok(Self {
            ground,
            settlements,
        })
    }

    /// One settlement by the holder of the lease.
    #[must_use]
    pub fn one(lease: Lease, transition: Transition) -> Self {
        Self {
            ground: Ground::Held,
            settlements: vec![Settlement { lease, transition }],
        }
    }

    /// On which ground.
    #[must_use]
    pub fn ground(&self) -> Ground {
        self.ground
    }

    /// The settlements, in the order given.
    #[must_use]
    pub fn settlements(&self) -> &[Settlement] {
        &self.settlements
    }

    /// Takes the settlements out.
    #[must_use]
    pub fn into_settlements(self) -> Vec<Settlement> {
        self.settlements
    }
}

/// What became of one settlement. Losing a race is a value here, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It is written.
    Applied(Applied),
    /// The lease was not the current one any more (or, on [`Ground::Expired`], still is); nothing
    /// was changed.
    LeaseLost,
    /// Someone had asked the job to stop: it is cancelled now, and what the attempt came to was
    /// refused.
    CancelRequested,
}

impl Settled {
    /// A stable reason code: whether this was written, and if not, why.
    ///
    /// ```
    /// use queue_core::Settled;
    /// assert_eq!(Settled::LeaseLost.code(), "lease_lost");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Applied(_) => "applied",
            Self::LeaseLost => "lease_lost",
            Self::CancelRequested => "cancel_requested",
        }
    }

    /// Written, leading to `state`, with nothing that follows.
    #[must_use]
    pub fn to(state: JobState) -> Self {
        Self::Applied(Applied {
            state,
            follow_ups: Vec::new(),
            notifications: Vec::new(),
        })
    }

    /// The state it led to, if it was applied.
    #[must_use]
    pub fn state(&self) -> Option<JobState> {
        match self {
            Self::Applied(applied) => Some(applied.state),
            _ => None,
        }
    }
}

/// What was written with a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The job's state now.
    pub state: JobState,
    /// What became of each follow-up job, in order.
    pub follow_ups: Vec<Enqueued>,
    /// What became of each notification, in order.
    pub notifications: Vec<Published>,
}

/// A lease that ran out, with what is needed to decide what follows.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpiredLease {
    /// The lease.
    pub lease: Lease,
    /// The job's queue.
    pub queue: QueueName,
    /// Its stage and attempts.
    pub progress: Progress,
    /// Attempts per stage.
    pub max_attempts: u16,
}
