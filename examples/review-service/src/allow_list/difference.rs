//! What became of a list.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The entries by which two lists differ, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Only in the new one.
    pub added: Vec<String>,
    /// Only in the one before.
    pub removed: Vec<String>,
}

impl Difference {
    pub(super) fn between<'a>(before: &'a [String], after: impl Iterator<Item = &'a str>) -> Self {
        let before: BTreeSet<&str> = before.iter().map(String::as_str).collect();
        let after: BTreeSet<&str> = after.collect();
        let only = |these: &BTreeSet<&str>, others: &BTreeSet<&str>| {
            these
                .difference(others)
                .map(|&entry| entry.to_owned())
                .collect()
        };
        Self {
            added: only(&after, &before),
            removed: only(&before, &after),
        }
    }

    /// Whether the lists are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}
