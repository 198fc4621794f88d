//! Numbers that identify: jobs, fences, notifications, revisions, stores.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! number {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $type(i64);

        impl $type {
            /// Wraps a stored number.
            #[must_use]
            pub const fn new(value: i64) -> Self {
                Self(value)
            }

            /// The number as stored.
            #[must_use]
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

number!(
    /// A job, for its whole life: it keeps its id through retries, dead letter and replay, and in history.
    JobId
);
number!(
    /// A number per job that grows with every claim and never falls, also across snoozes, retries and
    /// replays. Whoever holds the highest one holds the lease. Handlers may pass it on to what they
    /// write to, so that the other side can refuse a stale one.
    ///
    /// ```
    /// use queue_core::Fence;
    /// // On the other side, beside what is written: the highest fence seen.
    /// let seen = Fence::new(7);
    /// let accepts = |fence: Fence| fence >= seen;
    /// assert!(accepts(Fence::new(8)) && !accepts(Fence::new(6)));
    /// ```
    Fence
);
number!(
    /// A replay plan being applied.
    RunId
);
number!(
    /// An outbox row.
    NotificationId
);
number!(
    /// The revision of a subject: a review version, an order's change count.
    Revision
);
number!(
    /// One database, made at random when its schema is created. A lease carries it, so that a lease
    /// of one store is never accepted by another that happens to have the same job number.
    StoreId
);

impl Fence {
    /// Of a job that was never claimed.
    pub const NEVER: Self = Self(0);
}
