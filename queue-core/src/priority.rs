//! Priorities: few levels, so that a claim can look at each one directly.

use serde::{Deserialize, Serialize};

/// One of seven levels, −3 (last) to 3 (first); 0 is the default.
///
/// Few on purpose: a claim probes each level's own index range, which keeps it fast however many
/// jobs of a higher level are scheduled for later.
///
/// ```
/// use queue_core::Priority;
/// assert!(Priority::HIGHEST > Priority::DEFAULT);
/// assert_eq!(Priority::new(2).unwrap().get(), 2);
/// let error = Priority::new(100).unwrap_err();
/// assert_eq!(error.to_string(), "100 is not a priority: write a number from -3 (last) to 3 (first)");
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "i16", into = "i16")]
pub struct Priority(i8);

/// A priority outside −3 to 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a priority: write a number from -3 (last) to 3 (first)")]
pub struct InvalidPriority(pub i16);

impl Priority {
    /// The last to be claimed.
    pub const LOWEST: Self = Self(-3);
    /// Unless something else is said.
    pub const DEFAULT: Self = Self(0);
    /// The first to be claimed.
    pub const HIGHEST: Self = Self(3);

    /// A level from −3 to 3.
    pub fn new(level: i16) -> Result<Self, InvalidPriority> {
        match i8::try_from(level) {
            Ok(small @ -3..=3) => Ok(Self(small)),
            _ => Err(InvalidPriority(level)),
        }
    }

    /// The level.
    #[must_use]
    pub const fn get(self) -> i16 {
        self.0 as i16
    }

    /// All levels, first to last.
    pub fn descending() -> impl Iterator<Item = Self> {
        (-3..=3).rev().map(Self)
    }
}

impl TryFrom<i16> for Priority {
    type Error = InvalidPriority;
    fn try_from(level: i16) -> Result<Self, InvalidPriority> {
        Self::new(level)
    }
}

impl From<Priority> for i16 {
    fn from(priority: Priority) -> i16 {
        priority.get()
    }
}
