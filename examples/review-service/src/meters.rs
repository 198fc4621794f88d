//! What is counted and timed, as Prometheus reads it.

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};

/// Keeps what the process counts: what the library does (`leasehold_…`), and what the service does (`review_…`).
#[derive(Clone)]
pub struct Meters(PrometheusHandle);

impl Meters {
    /// Counts for this process from now on. Fails where something does so already.
    pub fn start() -> Result<Self, BuildError> {
        PrometheusBuilder::new()
            .set_buckets(queue_core::DURATION_BUCKETS)?
            .install_recorder()
            .map(Self)
    }

    /// For a part of a process whose numbers somebody else keeps: its own text is empty.
    #[must_use]
    pub fn aside() -> Self {
        Self(PrometheusBuilder::new().build_recorder().handle())
    }

    /// All of it.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.run_upkeep();
        self.0.render()
    }
}

impl std::fmt::Debug for Meters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meters").finish_non_exhaustive()
    }
}
