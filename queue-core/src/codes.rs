//! How a SQL backend stores states, phases and flags: small numbers, the same in every table.
//!
//! They are part of each schema, whose views and functions spell them out: a number is never given
//! to something else.
//!
//! ```
//! use queue_core::{JobState, codes};
//!
//! # fn main() -> Result<(), queue_core::StoreError> {
//! assert_eq!(codes::job_state(codes::RUNNING)?, JobState::Running);
//! assert!(codes::job_state(99).is_err());
//! # Ok(())
//! # }
//! ```

use crate::{
    DeliveryPhase, ItemOutcome, JobState, LetterState, NotificationState, RetentionSort, RunState,
    StoreError,
};

/// Queued, and the next claim may take it once its time has come.
pub const READY: i16 = 0;
/// Under a lease.
pub const RUNNING: i16 = 1;
/// Queued behind another job of its ordering key.
pub const WAITING: i16 = 2;
/// Done, with required notifications outstanding.
pub const AWAITING: i16 = 3;
/// In history.
pub const SUCCEEDED: i16 = 4;
/// In history.
pub const CANCELLED: i16 = 5;
/// In its dead letter.
pub const DEAD: i16 = 6;

/// What makes a job take the careful way.
pub mod flag {
    /// Someone asked it to stop.
    pub const CANCEL: i16 = 1;
    /// It has an ordering key.
    pub const ORDERED: i16 = 2;
    /// It has a subject.
    pub const SUBJECT: i16 = 4;
    /// Outputs of stages are stored.
    pub const STAGES: i16 = 8;
    /// It came back from its dead letter.
    pub const REPLAYED: i16 = 16;
    /// What it has reached or reported so far is stored beside it.
    pub const PROGRESS: i16 = 32;
}

/// The state of a job by its code.
///
/// # Errors
///
/// [`StoreError::Corrupt`] if no state has this code, as for every reading here.
pub fn job_state(code: i16) -> Result<JobState, StoreError> {
    Ok(match code {
        READY | WAITING => JobState::Queued,
        RUNNING => JobState::Running,
        AWAITING => JobState::AwaitingDelivery,
        SUCCEEDED => JobState::Succeeded,
        CANCELLED => JobState::Cancelled,
        DEAD => JobState::Dead,
        _ => return Err(unknown("job state", code)),
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
pub fn letter_code(state: LetterState) -> i16 {
    position(&LETTERS, &state)
}

/// The sorts of retention that are about letters, each with the code of the state that closed them.
#[must_use]
pub fn closed_letters() -> [(RetentionSort, i16); 2] {
    [
        (
            RetentionSort::ResolvedLetters,
            letter_code(LetterState::Resolved),
        ),
        (
            RetentionSort::DiscardedLetters,
            letter_code(LetterState::Discarded),
        ),
    ]
}

/// The state of a letter by its code.
///
/// # Errors
///
/// [`StoreError::Corrupt`] if none has this code.
pub fn letter_state(code: i16) -> Result<LetterState, StoreError> {
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
pub fn notification_code(state: NotificationState) -> i16 {
    position(&NOTIFICATIONS, &state)
}

/// The state of a notification by its code.
///
/// # Errors
///
/// [`StoreError::Corrupt`] if none has this code.
pub fn notification_state(code: i16) -> Result<NotificationState, StoreError> {
    nth(&NOTIFICATIONS, code, "state of notifications")
}

const PHASES: [DeliveryPhase; 3] = [
    DeliveryPhase::Leased,
    DeliveryPhase::Connecting,
    DeliveryPhase::Committing,
];

/// The code of a delivery phase.
pub fn phase_code(phase: DeliveryPhase) -> i16 {
    position(&PHASES, &phase)
}

/// A delivery phase by its code.
///
/// # Errors
///
/// [`StoreError::Corrupt`] if none has this code.
pub fn phase(code: i16) -> Result<DeliveryPhase, StoreError> {
    nth(&PHASES, code, "delivery phase")
}

/// The code of a run's state.
pub fn run_code(state: RunState) -> i16 {
    position(&RunState::ALL, &state)
}

/// A run's state by its code.
///
/// # Errors
///
/// [`StoreError::Corrupt`] if none has this code.
pub fn run_state(code: i16) -> Result<RunState, StoreError> {
    nth(&RunState::ALL, code, "state of runs")
}

/// The code of what became of a letter of a run.
pub fn outcome_code(outcome: ItemOutcome) -> i16 {
    position(&ItemOutcome::ALL, &outcome)
}

/// What became of a letter of a run, by its code.
///
/// # Errors
///
/// [`StoreError::Corrupt`] if none has this code.
pub fn outcome(code: i16) -> Result<ItemOutcome, StoreError> {
    nth(&ItemOutcome::ALL, code, "outcome of replays")
}

fn position<T: PartialEq>(all: &[T], wanted: &T) -> i16 {
    all.iter()
        .zip(0i16..)
        .find(|(item, _)| *item == wanted)
        .map_or(i16::MAX, |(_, code)| code)
}

fn nth<T: Copy>(all: &[T], code: i16, what: &str) -> Result<T, StoreError> {
    usize::try_from(code)
        .ok()
        .and_then(|index| all.get(index).copied())
        .ok_or_else(|| unknown(what, code))
}

fn unknown(what: &str, code: i16) -> StoreError {
    StoreError::Corrupt {
        detail: format!("there is no {what} {code}"),
    }
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
        for wanted in RunState::ALL {
            assert_eq!(run_state(run_code(wanted)).unwrap(), wanted);
        }
        for wanted in ItemOutcome::ALL {
            assert_eq!(outcome(outcome_code(wanted)).unwrap(), wanted);
        }
        assert!(job_state(7).is_err() && phase(3).is_err());
    }
}
