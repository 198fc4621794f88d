//! How states, phases and flags are stored: small numbers, the same in every table.

use queue_core::{DeliveryPhase, JobState, LetterState, NotificationState};

use crate::fault::{Fault, Result};

/// Queued, and the next claim may take it once its time has come.
pub(crate) const READY: i64 = 0;
/// Under a lease.
pub(crate) const RUNNING: i64 = 1;
/// Queued behind another job of its ordering key.
pub(crate) const WAITING: i64 = 2;
/// Done, with required notifications outstanding.
pub(crate) const AWAITING: i64 = 3;
/// In history.
pub(crate) const SUCCEEDED: i64 = 4;
/// In history.
pub(crate) const CANCELLED: i64 = 5;
/// In its dead letter.
pub(crate) const DEAD: i64 = 6;

/// What makes a job take the careful way.
pub(crate) mod flag {
    /// Someone asked it to stop.
    pub(crate) const CANCEL: i64 = 1;
    /// It has an ordering key.
    pub(crate) const ORDERED: i64 = 2;
    /// It has a subject.
    pub(crate) const SUBJECT: i64 = 4;
    /// Outputs of stages are stored.
    pub(crate) const STAGES: i64 = 8;
    /// It came back from its dead letter.
    pub(crate) const REPLAYED: i64 = 16;
    /// It has a row in `leasehold_progress`.
    pub(crate) const PROGRESS: i64 = 32;
}

/// The state of a job by its code.
pub(crate) fn job_state(code: i64) -> Result<JobState> {
    Ok(match code {
        READY | WAITING => JobState::Queued,
        RUNNING => JobState::Running,
        AWAITING => JobState::AwaitingDelivery,
        SUCCEEDED => JobState::Succeeded,
        CANCELLED => JobState::Cancelled,
        DEAD => JobState::Dead,
        _ => return Err(Fault::corrupt(format!("there is no job state {code}"))),
    })
}

const LETTERS: [LetterState; 5] = [
    LetterState::Open,
    LetterState::Replaying,
    LetterState::Escalated,
    LetterState::Resolved,
    LetterState::Discarded,
];

/// The code of a letter's state.
pub(crate) fn letter_code(state: LetterState) -> i64 {
    position(&LETTERS, &state)
}

/// The state of a letter by its code.
pub(crate) fn letter_state(code: i64) -> Result<LetterState> {
    nth(&LETTERS, code, "state of dead letters")
}

const NOTIFICATIONS: [NotificationState; 6] = [
    NotificationState::Pending,
    NotificationState::Sending,
    NotificationState::InDoubt,
    NotificationState::Failed,
    NotificationState::Sent,
    NotificationState::Waived,
];

/// The code of a notification's state.
pub(crate) fn notification_code(state: NotificationState) -> i64 {
    position(&NOTIFICATIONS, &state)
}

/// The state of a notification by its code.
pub(crate) fn notification_state(code: i64) -> Result<NotificationState> {
    nth(&NOTIFICATIONS, code, "state of notifications")
}

const PHASES: [DeliveryPhase; 3] = [
    DeliveryPhase::Leased,
    DeliveryPhase::Connecting,
    DeliveryPhase::Committing,
];

/// The code of a delivery phase.
pub(crate) fn phase_code(phase: DeliveryPhase) -> i64 {
    position(&PHASES, &phase)
}

/// A delivery phase by its code.
pub(crate) fn phase(code: i64) -> Result<DeliveryPhase> {
    nth(&PHASES, code, "delivery phase")
}

fn position<T: PartialEq>(all: &[T], wanted: &T) -> i64 {
    all.iter()
        .zip(0i64..)
        .find(|(item, _)| *item == wanted)
        .map_or(i64::MAX, |(_, code)| code)
}

fn nth<T: Copy>(all: &[T], code: i64, what: &str) -> Result<T> {
    usize::try_from(code)
        .ok()
        .and_then(|index| all.get(index).copied())
        .ok_or_else(|| Fault::corrupt(format!("there is no {what} {code}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_phase_has_a_code_of_its_own() {
        for state in LetterState::ALL {
            assert_eq!(letter_state(letter_code(state)).unwrap(), state);
        }
        for state in NotificationState::ALL {
            assert_eq!(notification_state(notification_code(state)).unwrap(), state);
        }
        for wanted in PHASES {
            assert_eq!(phase(phase_code(wanted)).unwrap(), wanted);
        }
        assert!(job_state(7).is_err() && phase(3).is_err());
    }
}
