//! What can change while the daemon runs.

use std::sync::Arc;
use std::time::Duration;

use queue_ops::{DeliveryConfig, SweeperSection};
use tokio::sync::watch;

/// How the loops are to work from now on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// As the configuration says it.
    pub sweeper: SweeperSection,
    /// Channels, and who is told of what goes wrong.
    pub delivery: DeliveryConfig,
}

/// More often is of no use to anybody.
const PULSE_AT_LEAST: Duration = Duration::from_millis(50);

/// What loops hear of changes by.
pub(crate) type SettingsWatch = watch::Receiver<Arc<Settings>>;

impl Settings {
    /// Three times within a lease: a bid may be lost, or late.
    pub(crate) fn pulse_every(&self) -> Duration {
        (self.sweeper.leader_lease.get() / 3).max(PULSE_AT_LEAST)
    }

    /// A pulse that is older than this says nothing about now.
    pub(crate) fn pulse_counts_for(&self) -> Duration {
        self.pulse_every() * 3 + Duration::from_secs(5)
    }
}
