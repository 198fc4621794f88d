//! The loops: a file each. A pass is one round of a loop; what it may do is all in `queue-core`.

mod audit;
mod doubts;
mod escalations;
mod leases;
mod pulse;
mod retention;
mod schedules;
mod statistics;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use queue_core::StoreError;
use serde::Serialize;

use crate::scene::Scene;
use crate::settings::Settings;

/// A loop of the daemon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopName {
    /// Whether the database answers and can be written to, and who leads.
    Pulse,
    /// Jobs whose lease ran out.
    Leases,
    /// Notifications that were interrupted while being sent.
    Doubts,
    /// What is due by the clock.
    Schedules,
    /// What is over, and partitions.
    Retention,
    /// Gauges and the line of figures.
    Statistics,
    /// Incidents whose cause is gone.
    Escalations,
    /// The audit chain.
    Audit,
}

impl LoopName {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Pulse,
        Self::Leases,
        Self::Doubts,
        Self::Schedules,
        Self::Retention,
        Self::Statistics,
        Self::Escalations,
        Self::Audit,
    ];

    /// Its name in configuration, logs, metrics and health.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pulse => "pulse",
            Self::Leases => "leases",
            Self::Doubts => "doubts",
            Self::Schedules => "schedules",
            Self::Retention => "retention",
            Self::Statistics => "statistics",
            Self::Escalations => "escalations",
            Self::Audit => "audit",
        }
    }

    /// How often it comes round; none if it is off.
    pub(crate) fn every(self, settings: &Settings) -> Option<Duration> {
        let sweeper = &settings.sweeper;
        match self {
            Self::Pulse => Some(settings.pulse_every()),
            Self::Leases => sweeper.leases_every.get(),
            Self::Doubts => sweeper.doubts_every.get(),
            Self::Schedules => sweeper.schedules_every.get(),
            Self::Retention => sweeper.retention_every.get(),
            Self::Statistics => sweeper.statistics_every.get(),
            Self::Escalations => sweeper.escalations_every.get(),
            Self::Audit => sweeper.audit_every.get(),
        }
    }

    /// A fresh one, that has seen nothing yet.
    pub(crate) fn begin(self) -> Box<dyn Pass> {
        match self {
            Self::Pulse => Box::new(pulse::Pulse),
            Self::Leases => Box::new(leases::Leases::default()),
            Self::Doubts => Box::new(doubts::Doubts::default()),
            Self::Schedules => Box::new(schedules::Schedules),
            Self::Retention => Box::new(retention::Retention::default()),
            Self::Statistics => Box::new(statistics::Statistics::default()),
            Self::Escalations => Box::new(escalations::Incidents::default()),
            Self::Audit => Box::new(audit::Chain::default()),
        }
    }
}

impl fmt::Display for LoopName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Passed {
    /// How many rows it changed, or looked at where it changes none.
    pub rows: u64,
    /// When there is something to do before the next round.
    pub sooner: Option<Duration>,
}

impl Passed {
    pub(crate) fn rows(rows: impl TryInto<u64>) -> Self {
        Self {
            rows: rows.try_into().unwrap_or(u64::MAX),
            sooner: None,
        }
    }
}

/// A loop that remembers what it must between two passes.
#[async_trait]
pub(crate) trait Pass: Send {
    /// One round, page after page while there is more. It says so by `scene.moved()` whenever the database
    /// has answered.
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError>;
}
