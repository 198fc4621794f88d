//! What the loops of a deliverer say while the store does not answer: one line for all of them, and one when it is
//! over.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::StoreError;

/// Which loops the store has not answered lately.
#[derive(Debug)]
pub(crate) struct Outage {
    /// Whether it is said here that the store is not there: somebody else in the process may do so.
    says: bool,
    failing: Mutex<Failing>,
}

#[derive(Debug, Default)]
struct Failing {
    loops: BTreeSet<String>,
    said: bool,
}

impl Outage {
    pub(crate) fn new(says: bool) -> Self {
        Self {
            says,
            failing: Mutex::default(),
        }
    }

    /// A loop could not do its work. Where that may pass by itself it is said once for all loops; anything else
    /// once for this loop, until it works.
    pub(crate) fn failed(&self, name: &str, error: &StoreError, what: &'static str) {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        if !failing.loops.insert(name.to_owned()) {
            return;
        }
        let code = error.catalogued().as_str();
        if !error.is_transient() {
            tracing::warn!(code, %error, "{what}; trying again until it works");
        } else if self.says && !failing.said {
            failing.said = true;
            tracing::warn!(code, %error, "the database does not answer; delivery goes on when it does");
        } else {
            tracing::debug!(code, %error, "{what}");
        }
    }

    /// A loop has done its work.
    pub(crate) fn works(&self, name: &str) {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        if failing.loops.remove(name) && failing.loops.is_empty() && failing.said {
            failing.said = false;
            tracing::info!("the database answers again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gone() -> StoreError {
        StoreError::Unavailable {
            operation: "leasing notifications",
            detail: "nobody answers".to_owned(),
            cause: None,
        }
    }

    #[test]
    fn it_is_over_when_each_loop_works_that_failed() {
        let outage = Outage::new(true);
        let said = || outage.failing.lock().unwrap().said;
        outage.works("doubts");
        for name in ["doubts", "figures", "doubts"] {
            outage.failed(name, &gone(), "it is not done");
            assert!(said());
        }
        outage.works("doubts");
        assert!(said());
        outage.works("figures");
        assert!(!said());
    }

    #[test]
    fn what_others_say_is_not_said_here() {
        let outage = Outage::new(false);
        outage.failed("doubts", &gone(), "it is not done");
        assert!(!outage.failing.lock().unwrap().said);
    }
}
