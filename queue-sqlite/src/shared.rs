//! What the threads of a store share.

use std::sync::atomic::AtomicI64;

use queue_core::Wakeups;

use crate::clock::HostClock;

/// What the threads of a store share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: HostClock,
    pub(crate) wakeups: Wakeups,
    /// The last wake number that this store's own writer committed.
    pub(crate) own_wake: AtomicI64,
}
