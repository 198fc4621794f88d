//! Ending attempts: many at once, each under its own fence.

use crate::batch::{MAX_BATCH, check_bytes, check_size, check_unique};
use crate::{
    Code, Enqueued, InvalidBatch, JobState, KindName, Lease, NewJob, NewNotification, Payload,
    Progress, Published, QueueName, Transition,
};

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
///
/// ```
/// use queue_core::{
///     Completion, Fence, JobId, Lease, SettleBatch, Settlement, StoreId, Timestamp, Transition,
/// };
/// let settlement = |job| Settlement {
///     // A claim gives them.
///     lease: Lease::granted(StoreId::new(1), JobId::new(job), Fence::new(1), Timestamp::from_micros(0)),
///     transition: Transition::Finish(Completion::default()),
/// };
/// let batch = SettleBatch::new(vec![settlement(1), settlement(2)]).unwrap();
/// assert_eq!(batch.settlements().len(), 2);
/// let twice = SettleBatch::new(vec![settlement(1), settlement(1)]).unwrap_err();
/// assert_eq!(twice.to_string(), "job 1 is in the batch twice: pass it once");
/// ```
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
        check_effects(&settlements)?;
        Ok(Self {
            ground,
            settlements,
        })
    }

    /// One settlement by the holder of the lease.
    pub fn one(lease: Lease, transition: Transition) -> Result<Self, InvalidBatch> {
        Self::new(vec![Settlement { lease, transition }])
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

/// What follows from settlements is written in their transaction, so it has the bounds of any batch.
fn check_effects(settlements: &[Settlement]) -> Result<(), InvalidBatch> {
    let effects = || settlements.iter().map(|s| Effects::of(&s.transition));
    for (what, size) in [
        (
            "follow-up jobs",
            effects().map(|e| e.follow_ups.len()).sum(),
        ),
        (
            "notifications",
            effects().map(|e| e.notifications.len()).sum(),
        ),
    ] {
        if size > MAX_BATCH {
            return Err(InvalidBatch::TooManyEffects {
                what,
                size,
                limit: MAX_BATCH,
            });
        }
    }
    check_bytes(effects().flat_map(Effects::payloads))
}

/// What one transition brings along.
#[derive(Clone, Copy)]
struct Effects<'t> {
    result: Option<&'t Payload>,
    follow_ups: &'t [NewJob],
    notifications: &'t [NewNotification],
}

impl<'t> Effects<'t> {
    fn of(transition: &'t Transition) -> Self {
        let (result, follow_ups, notifications): (_, &[_], &[_]) = match transition {
            Transition::Finish(done) => {
                (done.result.as_ref(), &done.follow_ups, &done.notifications)
            }
            Transition::Bury(burial) => (None, &[], &burial.notifications),
            Transition::Requeue(_) | Transition::Cancel { .. } => (None, &[], &[]),
        };
        Self {
            result,
            follow_ups,
            notifications,
        }
    }

    fn payloads(self) -> impl Iterator<Item = &'t Payload> {
        let jobs = self.follow_ups.iter().map(|job| &job.payload);
        let messages = self.notifications.iter().map(|new| &new.message);
        self.result.into_iter().chain(jobs).chain(messages)
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
            Self::Applied(_) => Code::Applied.as_str(),
            Self::LeaseLost => Code::LeaseLost.as_str(),
            Self::CancelRequested => Code::CancelRequested.as_str(),
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
    /// Its kind.
    pub kind: KindName,
    /// Its stage and attempts.
    pub progress: Progress,
    /// Attempts per stage.
    pub max_attempts: u16,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Burial, ChannelName, Completion, ErrorClass, Failure, Fence, Intent, JobId, KindName,
        MAX_ENQUEUE_BYTES, Purpose, Recipient, Revision, StoreId, Subject, Timestamp,
    };

    fn settlements(transitions: Vec<Transition>) -> Result<SettleBatch, InvalidBatch> {
        let settlement = |(transition, id)| {
            let (store, job) = (StoreId::new(1), JobId::new(id));
            let lease = Lease::granted(store, job, Fence::new(1), Timestamp::from_micros(0));
            Settlement { lease, transition }
        };
        SettleBatch::new(transitions.into_iter().zip(1..).map(settlement).collect())
    }

    fn follow_up() -> NewJob {
        let payload = Payload::json(&1).unwrap();
        NewJob::new(
            QueueName::new("q").unwrap(),
            KindName::new("k").unwrap(),
            payload,
        )
    }

    fn message() -> NewNotification {
        let intent = Intent {
            channel: ChannelName::new("email").unwrap(),
            purpose: Purpose::new("p").unwrap(),
            subject: Subject::new("s").unwrap(),
            recipient: Recipient::new("r").unwrap(),
            revision: Revision::new(1),
        };
        NewNotification::new(intent, Payload::json(&1).unwrap())
    }

    fn refused(what: &'static str) -> InvalidBatch {
        InvalidBatch::TooManyEffects {
            what,
            size: MAX_BATCH + 1,
            limit: MAX_BATCH,
        }
    }

    #[test]
    fn follow_ups_are_bounded_over_the_whole_batch() {
        let bringing = |count| {
            Transition::Finish(Completion {
                follow_ups: vec![follow_up(); count],
                ..Completion::default()
            })
        };
        assert!(settlements(vec![bringing(MAX_BATCH - 1), bringing(1)]).is_ok());
        let error = settlements(vec![bringing(MAX_BATCH), bringing(1)]).unwrap_err();
        assert_eq!(error, refused("follow-up jobs"));
        assert!(error.to_string().contains("settle fewer jobs at once"));
    }

    #[test]
    fn notifications_are_bounded_over_the_whole_batch_burials_included() {
        let done = Transition::Finish(Completion {
            notifications: vec![message(); MAX_BATCH],
            ..Completion::default()
        });
        let buried = Transition::Bury(Burial {
            failure: Failure::permanent(ErrorClass::unclassified(), "x"),
            progress: Progress::default(),
            notifications: vec![message()],
            raises: Vec::new(),
            raises_again: Vec::new(),
        });
        assert!(settlements(vec![done.clone()]).is_ok());
        let error = settlements(vec![done, buried]).unwrap_err();
        assert_eq!(error, refused("notifications"));
    }

    #[test]
    fn the_bytes_of_results_and_what_follows_count_together() {
        let bytes = vec![0; MAX_ENQUEUE_BYTES - 1];
        let result = Payload::with_limit(bytes, "a/b", MAX_ENQUEUE_BYTES).unwrap();
        let mut done = Completion {
            result: Some(result),
            follow_ups: vec![follow_up()],
            notifications: vec![],
        };
        assert!(settlements(vec![Transition::Finish(done.clone())]).is_ok());
        done.notifications.push(message());
        let error = settlements(vec![Transition::Finish(done)]).unwrap_err();
        assert!(matches!(error, InvalidBatch::TooManyBytes { .. }));
    }
}
