//! Counts the work, so that no text can make the rules slow.

use super::RedactionError;

/// How many steps a byte of the text may cost, over all rules and passes. The rules take about 40 a pass where
/// everything looks like something, and two passes where there is something to be taken.
const STEPS_PER_BYTE: u64 = 250;
/// What a short text may cost besides.
const STEPS_FOR_NONE: u64 = 10_000;

/// A step is a byte that a rule has looked at.
#[derive(Debug)]
pub(super) struct Meter {
    spent: u64,
    allowed: u64,
}

impl Meter {
    pub(super) fn for_length(bytes: usize) -> Self {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        Self {
            spent: 0,
            allowed: bytes
                .saturating_mul(STEPS_PER_BYTE)
                .saturating_add(STEPS_FOR_NONE),
        }
    }

    /// So many bytes were looked at.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.spent = self
            .spent
            .saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    pub(super) fn spent(&self) -> u64 {
        self.spent
    }

    /// Rules stop when this is not so any more.
    pub(super) fn has_left(&self) -> bool {
        self.spent <= self.allowed
    }

    pub(super) fn within_bounds(&self) -> Result<(), RedactionError> {
        if self.has_left() {
            Ok(())
        } else {
            Err(RedactionError::TooMuchWork {
                spent: self.spent,
                allowed: self.allowed,
            })
        }
    }
}
