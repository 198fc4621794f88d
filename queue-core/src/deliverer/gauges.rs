//! How the outbox stands, for metrics.

use std::sync::Arc;
use std::time::Duration;

use metrics::gauge;
use tokio_util::sync::CancellationToken;

use super::core::Core;
use crate::{ChannelState, OutboxStats, StoreError};

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
        core.measuring.asks();
        let measured = look(&core).await;
        core.measuring.answered(&measured);
        match measured {
            Ok(()) => core.outage.works("figures"),
            Err(error) => {
                core.outage
                    .failed("figures", &error, "the outbox is not measured");
            }
        }
        core.measuring.sleeps(every);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(every) => {}
        }
    }
}

/// The figures of the outbox, and which channels are paused.
async fn look(core: &Core) -> Result<(), StoreError> {
    core.store.outbox_stats().await?.gauge();
    let channels = core.store.channels().await?;
    for lane in &core.lanes {
        let paused = |state: &ChannelState| state.paused && state.channel == lane.name;
        lane.see_paused(channels.iter().any(paused));
    }
    Ok(())
}
