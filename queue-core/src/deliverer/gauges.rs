//! How the outbox stands, for metrics.

use std::sync::Arc;
use std::time::Duration;

use metrics::gauge;
use tokio_util::sync::CancellationToken;

use super::core::Core;
use crate::OutboxStats;

impl OutboxStats {
    /// Sets the gauges of the outbox to these figures.
    pub fn gauge(&self) {
        gauge!("leasehold_notifications_pending").set(self.pending.counted);
        gauge!("leasehold_notifications_in_doubt").set(self.in_doubt.counted);
        gauge!("leasehold_notifications_failed").set(self.failed.counted);
        gauge!("leasehold_outbox_lag_seconds").set(self.lag.unwrap_or_default().as_secs_f64());
        gauge!("leasehold_oldest_doubt_seconds")
            .set(self.oldest_doubt.unwrap_or_default().as_secs_f64());
    }
}

/// Measures until it is told to stop.
pub(crate) async fn measure(core: Arc<Core>, every: Duration, stop: CancellationToken) {
    loop {
        match core.store.outbox_stats().await {
            Ok(stats) => stats.gauge(),
            Err(error) => tracing::warn!(%error, "the outbox is not measured"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(every) => {}
        }
    }
}
