//! A text that passed.

use super::{Class, RedactionError};

/// What a [`Redactor`](super::Redactor) made: there is no other way to get one, and a model is shown nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    text: String,
    counts: Counts,
    policy: String,
    work: u64,
}

impl Redacted {
    /// The last look at a result: as many lines as there were.
    pub(super) fn checked(
        original: &str,
        text: String,
        counts: Counts,
        policy: &str,
        work: u64,
    ) -> Result<Self, RedactionError> {
        let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count();
        let (before, after) = (lines(original), lines(&text));
        if before != after {
            return Err(RedactionError::LinesMoved { before, after });
        }
        Ok(Self {
            text,
            counts,
            policy: policy.to_owned(),
            work,
        })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How much was taken out.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// By which policy and rules.
    #[must_use]
    pub fn policy_digest(&self) -> &str {
        &self.policy
    }

    /// How many steps the rules took: it grows with the length of the text, and no faster.
    #[must_use]
    pub fn work(&self) -> u64 {
        self.work
    }
}

/// How many places there were of each class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts([usize; Class::ALL.len()]);

impl Counts {
    pub(super) fn add(&mut self, class: Class) {
        if let Some(count) = self.0.get_mut(class as usize) {
            *count += 1;
        }
    }

    /// Of that class.
    #[must_use]
    pub fn of(&self, class: Class) -> usize {
        self.0.get(class as usize).copied().unwrap_or_default()
    }

    /// Of all of them.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.iter().sum()
    }

    /// Each class that was found, with how often.
    pub fn iter(&self) -> impl Iterator<Item = (Class, usize)> + '_ {
        Class::ALL
            .into_iter()
            .map(|class| (class, self.of(class)))
            .filter(|(_, count)| *count > 0)
    }
}
