//! What is no allow-list.

use std::fmt;

use super::denied::shown;

/// One entry that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which one, from 1; none if it is about the whole list.
    pub number: Option<usize>,
    /// The entry, shortened and escaped.
    pub entry: String,
    /// What is wrong with it, and what to write instead.
    pub problem: String,
}

impl Fault {
    pub(super) fn at(index: usize, entry: &str, problem: String) -> Self {
        Self {
            number: Some(index + 1),
            entry: shown(entry),
            problem,
        }
    }

    pub(super) fn of_nothing() -> Self {
        Self {
            number: None,
            entry: String::new(),
            problem: "the list is empty; write at least one prefix, like //depot/project/..."
                .to_owned(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            Some(number) => write!(f, "entry {number}, `{}`, {}", self.entry, self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

/// Why a list was refused: all that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct InvalidAllowList {
    faults: Vec<Fault>,
}

impl InvalidAllowList {
    pub(super) fn new(faults: Vec<Fault>) -> Self {
        Self { faults }
    }

    /// Each fault, in the order of the list.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Display for InvalidAllowList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the allow-list is not valid: ")?;
        for (at, fault) in self.faults.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}
