//! What follows from an attempt. Pure: a store only applies the [`Transition`] under its fence.

use std::time::Duration;

use crate::{
    ErrorClass, Failure, Jitter, JobState, LetterState, NewJob, NewNotification, Payload, Progress,
    Raise, RetryPolicy, RunAt,
};

/// How an attempt ended, as its worker (or the sweeper) saw it.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The work is done.
    Done(Completion),
    /// The work failed.
    Failed(Failure),
    /// The handler wants to be called again later; no attempt is consumed.
    Snoozed(RunAt),
    /// The handler gives the job up for good.
    GivenUp {
        /// Why.
        reason: String,
    },
    /// The worker gives the lease back unused (shutdown); no attempt is consumed.
    Released,
    /// The lease ran out; an attempt is consumed, since the job itself may have killed the process.
    Expired,
}

/// What finished work leaves behind, committed together with it or not at all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Completion {
    /// What it gave.
    pub result: Option<Payload>,
    /// Jobs that follow from it.
    pub follow_ups: Vec<NewJob>,
    /// Messages to be sent.
    pub notifications: Vec<NewNotification>,
}

/// What a store is to write, if the fence still holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Transition {
    /// To `succeeded`, or to `awaiting_delivery` while required notifications are outstanding.
    Finish(Completion),
    /// Back to `queued`.
    Requeue(Requeue),
    /// To `dead`, with a dead letter.
    Bury(Burial),
    /// To `cancelled`.
    Cancel {
        /// Why.
        reason: String,
    },
}

/// How a job goes back to `queued`.
#[derive(Debug, Clone, PartialEq)]
pub struct Requeue {
    /// When it may run again.
    pub run_at: RunAt,
    /// Its stage and attempts from now on.
    pub progress: Progress,
    /// What went wrong, if it was a failure.
    pub failure: Option<Failure>,
}

/// How a job becomes a dead letter.
#[derive(Debug, Clone, PartialEq)]
pub struct Burial {
    /// What went wrong.
    pub failure: Failure,
    /// The stage that stopped it, and its attempts.
    pub progress: Progress,
    /// Messages that report it.
    pub notifications: Vec<NewNotification>,
    /// What it raises by the rules of [`Escalations`](crate::Escalations).
    pub raises: Vec<Raise>,
    /// What it raises instead if it died of the same before and was replayed: only the store knows.
    pub raises_again: Vec<Raise>,
}

impl Burial {
    /// What it raises, by what its letter becomes.
    ///
    /// ```
    /// use queue_core::{
    ///     ErrorClass, Escalations, Event, Failure, Jitter, KindName, LetterState, Outcome, Progress,
    ///     QueueName, RetryPolicy, Rule, Transition, decide,
    /// };
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rules = Escalations::new(vec![Rule::new("all").to("pager", "on-call")?])?;
    /// let failure = Failure::permanent(ErrorClass::schema_invalid(), "no order 42");
    /// let policy = RetryPolicy::default();
    /// let bury = decide(Outcome::Failed(failure), &Progress::default(), 5, &policy, Jitter::random());
    /// let Transition::Bury(burial) = rules.on(bury, &QueueName::new("q")?, &KindName::new("k")?) else {
    ///     unreachable!("the failure is permanent");
    /// };
    /// let raised = |state| burial.raised(state)[0].signal.event;
    /// assert_eq!(raised(LetterState::Open), Event::JobDied);
    /// assert_eq!(raised(LetterState::Escalated), Event::JobDiedAgain);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn raised(&self, letter: LetterState) -> &[Raise] {
        match letter {
            LetterState::Escalated => &self.raises_again,
            _ => &self.raises,
        }
    }
}

impl Transition {
    /// The state it leads to; finishing leads to `awaiting_delivery` instead when the store finds
    /// required notifications outstanding.
    #[must_use]
    pub fn target(&self) -> JobState {
        match self {
            Self::Finish(_) => JobState::Succeeded,
            Self::Requeue(_) => JobState::Queued,
            Self::Bury(_) => JobState::Dead,
            Self::Cancel { .. } => JobState::Cancelled,
        }
    }
}

/// Decides what follows from an attempt.
///
/// ```
/// use queue_core::{decide, ErrorClass, Failure, Jitter, Outcome, Progress, RetryPolicy, Transition};
/// let last = Progress { attempt: 5, ..Progress::default() };
/// let failure = Failure::retryable(ErrorClass::unclassified(), "connection reset");
/// let next = decide(Outcome::Failed(failure), &last, 5, &RetryPolicy::default(), Jitter::random());
/// assert!(matches!(next, Transition::Bury(_)), "the fifth of five attempts was the last");
/// ```
#[must_use]
pub fn decide(
    outcome: Outcome,
    progress: &Progress,
    max_attempts: u16,
    policy: &RetryPolicy,
    jitter: Jitter,
) -> Transition {
    match outcome {
        Outcome::Done(completion) => Transition::Finish(completion),
        Outcome::GivenUp { reason } => Transition::Cancel { reason },
        Outcome::Released => refund(progress, RunAt::Now),
        Outcome::Snoozed(run_at) => refund(progress, run_at),
        Outcome::Expired => {
            let failure = Failure::retryable(
                ErrorClass::lease_expired(),
                "the lease ran out before the work was settled",
            );
            // The wait for the lease to end was delay enough.
            fail(failure, progress, max_attempts, |_, _| Duration::ZERO)
        }
        Outcome::Failed(failure) => fail(failure, progress, max_attempts, |attempt, asked| {
            policy.delay(attempt, asked, jitter)
        }),
    }
}

fn refund(progress: &Progress, run_at: RunAt) -> Transition {
    Transition::Requeue(Requeue {
        run_at,
        progress: progress.refunded(),
        failure: None,
    })
}

fn fail(
    failure: Failure,
    progress: &Progress,
    max_attempts: u16,
    delay: impl FnOnce(u16, Option<Duration>) -> Duration,
) -> Transition {
    let progress = progress.charged_to(failure.stage.as_ref());
    if !failure.is_retryable() || progress.attempt >= max_attempts {
        return Transition::Bury(Burial {
            failure,
            progress,
            notifications: Vec::new(),
            raises: Vec::new(),
            raises_again: Vec::new(),
        });
    }
    let delay = delay(progress.attempt, failure.retry_after);
    Transition::Requeue(Requeue {
        run_at: RunAt::In(delay),
        progress,
        failure: Some(failure),
    })
}

/// What a store does with a transition when the job was asked to stop in the meantime: whatever the
/// attempt came to, it ends as cancelled and its result is refused.
#[must_use]
pub fn overruled_by_cancel(transition: &Transition) -> bool {
    !matches!(transition, Transition::Cancel { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StageName;
    use proptest::prelude::*;

    fn decided(outcome: Outcome, progress: &Progress) -> Transition {
        decide(
            outcome,
            progress,
            5,
            &RetryPolicy::default(),
            Jitter::fixed(0.5),
        )
    }

    fn at(attempt: u16) -> Progress {
        Progress {
            attempt,
            ..Progress::default()
        }
    }

    #[test]
    fn snooze_and_release_consume_no_attempt_and_expiry_does() {
        for outcome in [
            Outcome::Released,
            Outcome::Snoozed(RunAt::In(Duration::from_secs(9))),
        ] {
            let Transition::Requeue(requeue) = decided(outcome, &at(3)) else {
                panic!()
            };
            assert_eq!(requeue.progress.attempt, 2);
            assert!(requeue.failure.is_none());
        }
        let Transition::Requeue(requeue) = decided(Outcome::Expired, &at(3)) else {
            panic!()
        };
        assert_eq!(requeue.progress.attempt, 3);
        assert_eq!(requeue.run_at, RunAt::In(Duration::ZERO));
        assert!(matches!(
            decided(Outcome::Expired, &at(5)),
            Transition::Bury(_)
        ));
    }

    #[test]
    fn a_permanent_failure_is_buried_at_once_with_its_stage() {
        let failure = Failure::permanent(ErrorClass::schema_invalid(), "no order")
            .in_stage(StageName::new("llm").unwrap());
        let Transition::Bury(burial) = decided(Outcome::Failed(failure), &at(1)) else {
            panic!()
        };
        assert_eq!(burial.progress.stage_name().as_str(), "llm");
    }

    proptest! {
        #[test]
        fn a_retryable_failure_is_buried_exactly_when_its_budget_is_spent(attempt in 1u16..20, max in 1u16..20) {
            let failure = Failure::retryable(ErrorClass::unclassified(), "x");
            let next = decide(Outcome::Failed(failure), &at(attempt), max, &RetryPolicy::default(), Jitter::random());
            prop_assert_eq!(matches!(next, Transition::Bury(_)), attempt >= max);
        }

        #[test]
        fn every_decision_is_a_legal_step_of_a_running_job(attempt in 1u16..9, which in 0usize..6) {
            let outcome = [
                Outcome::Done(Completion::default()),
                Outcome::Failed(Failure::retryable(ErrorClass::unclassified(), "x")),
                Outcome::Snoozed(RunAt::Now),
                Outcome::GivenUp { reason: String::new() },
                Outcome::Released,
                Outcome::Expired,
            ][which].clone();
            prop_assert!(JobState::Running.check(decided(outcome, &at(attempt)).target()).is_ok());
        }
    }
}
