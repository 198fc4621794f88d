//! What upkeep removed.

/// What maintenance removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Maintained {
    /// Finished jobs (on Postgres counted by the partitions' estimate).
    pub history: u64,
    /// Idempotency keys.
    pub keys: u64,
    /// Notifications.
    pub notifications: u64,
    /// Dead letters.
    pub dead_letters: u64,
    /// Memories of subjects.
    pub subjects: u64,
    /// Items of replay runs.
    pub replays: u64,
    /// Suppressions that were over.
    pub suppressions: u64,
    /// There may be more that has ended: the limit was reached, or not all was gone through.
    pub more: bool,
}

impl Maintained {
    /// How many rows in all.
    ///
    /// ```
    /// use queue_core::Maintained;
    /// let first = Maintained { history: 2, more: true, ..Maintained::default() };
    /// let second = Maintained { history: 1, keys: 1, ..Maintained::default() };
    /// let both = first.and(second);
    /// assert_eq!((both.total(), both.more), (4, false));
    /// ```
    #[must_use]
    pub fn total(&self) -> u64 {
        self.history
            + self.keys
            + self.notifications
            + self.dead_letters
            + self.subjects
            + self.replays
            + self.suppressions
    }

    /// This and what was removed after it; whether there is more is for that to say.
    #[must_use]
    pub fn and(self, later: Self) -> Self {
        Self {
            history: self.history + later.history,
            keys: self.keys + later.keys,
            notifications: self.notifications + later.notifications,
            dead_letters: self.dead_letters + later.dead_letters,
            subjects: self.subjects + later.subjects,
            replays: self.replays + later.replays,
            suppressions: self.suppressions + later.suppressions,
            more: later.more,
        }
    }
}
