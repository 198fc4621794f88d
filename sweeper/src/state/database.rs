//! Whether the database answers. A line is logged when that changes, whatever the number of loops.
//!
//! It is over when each loop that found it so works again. One that only reads says nothing of the others: on a full
//! disk reading goes on.

use std::collections::BTreeSet;
use std::time::Instant;

use queue_core::StoreError;
use queue_ops::shown_error;

use crate::loops::LoopName;

#[derive(Debug, Clone, Default)]
pub(crate) struct DatabaseState {
    /// When it answered last.
    pub(crate) answered_at: Option<Instant>,
    /// Since when it does not, and in what words.
    pub(crate) trouble: Option<Trouble>,
}

#[derive(Debug, Clone)]
pub(crate) struct Trouble {
    pub(crate) since: Instant,
    pub(crate) code: &'static str,
    pub(crate) error: String,
    /// The loops that met it and have not worked since.
    loops: BTreeSet<LoopName>,
}

impl DatabaseState {
    /// It has answered something.
    pub(super) fn answered(&mut self) {
        self.answered_at = Some(Instant::now());
    }

    /// It could be opened.
    pub(super) fn opened(&mut self) {
        self.answered();
        self.is_over();
    }

    /// A loop has come to the end of a pass, or to one that time alone does not mend, or rests.
    pub(super) fn works(&mut self, name: LoopName) {
        let Some(trouble) = &mut self.trouble else {
            return;
        };
        trouble.loops.remove(&name);
        // A loop that had nothing to ask for knows nothing.
        let answered = self.answered_at.is_some_and(|at| at > trouble.since);
        if trouble.loops.is_empty() && answered {
            self.is_over();
        }
    }

    fn is_over(&mut self) {
        if let Some(trouble) = self.trouble.take() {
            let seconds = trouble.since.elapsed().as_secs();
            tracing::info!(seconds, "the database answers again");
        }
    }

    /// The first error of a loop tells of the past where it began before the last answer; one that comes again
    /// does not.
    pub(super) fn failed(
        &mut self,
        name: Option<LoopName>,
        begun: Instant,
        again: bool,
        error: &StoreError,
    ) {
        if self.trouble.is_none() && !again && self.answered_at.is_some_and(|at| at > begun) {
            return;
        }
        let (code, text) = (error.catalogued().as_str(), shown_error(error));
        match &mut self.trouble {
            Some(trouble) => {
                trouble.code = code;
                trouble.error = text;
                trouble.loops.extend(name);
            }
            None => {
                tracing::warn!(
                    code,
                    error = text,
                    "the database does not answer; trying until it does"
                );
                self.trouble = Some(Trouble {
                    since: Instant::now(),
                    code,
                    error: text,
                    loops: name.into_iter().collect(),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> StoreError {
        StoreError::Unavailable {
            operation: "sweep",
            detail: "the disk is full".to_owned(),
            cause: None,
        }
    }

    /// On a full disk some loops read and others cannot write: that is one trouble, until all can.
    #[test]
    fn a_loop_that_reads_ends_no_trouble_of_one_that_writes() {
        let mut state = DatabaseState::default();
        let fails = |state: &mut DatabaseState, name, again| {
            state.failed(Some(name), Instant::now(), again, &full());
        };
        fails(&mut state, LoopName::Pulse, false);
        let since = state.trouble.as_ref().unwrap().since;
        for _ in 0..3 {
            state.answered();
            state.works(LoopName::Statistics);
            fails(&mut state, LoopName::Leases, true);
            fails(&mut state, LoopName::Pulse, true);
        }
        state.answered();
        state.works(LoopName::Pulse);
        assert_eq!(state.trouble.as_ref().unwrap().since, since);
        state.works(LoopName::Leases);
        assert!(state.trouble.is_none());
    }

    /// A pass that reads before it cannot write is heard when it comes to that again.
    #[test]
    fn what_began_before_the_last_answer_is_of_the_past_once() {
        let mut state = DatabaseState::default();
        let begun = Instant::now();
        state.answered();
        state.failed(Some(LoopName::Leases), begun, false, &full());
        assert!(state.trouble.is_none());
        state.failed(Some(LoopName::Leases), begun, true, &full());
        assert!(state.trouble.is_some());
        // Nobody has been answered since.
        state.works(LoopName::Leases);
        assert!(state.trouble.is_some());
        state.opened();
        assert!(state.trouble.is_none());
    }
}
