//! Who has a role.

use crate::{Timestamp, WorkerName};

/// Who has a role after a bid for it. Having lost is a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Led {
    /// Whose it is.
    pub holder: WorkerName,
    /// Since when, without a gap.
    pub since: Timestamp,
    /// Until when, unless it is renewed.
    pub until: Timestamp,
}

impl Led {
    /// Whether the role is this one's.
    #[must_use]
    pub fn is_of(&self, holder: &WorkerName) -> bool {
        self.holder == *holder
    }
}
