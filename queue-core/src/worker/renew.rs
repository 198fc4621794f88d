//! Keeping leases alive: all that have passed a third of their time, in one write.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::worker::core::{Core, How};
use crate::worker::execute::decided;
use crate::worker::holding::Holding;
use crate::{Cancellation, MAX_BATCH, Outcome, RenewBatch, Renewed, RetryPolicy, telemetry};

/// How long a job may wait for a slot before it goes back: others could run it.
const WAITED: Duration = Duration::from_secs(1);

/// Renews for as long as it is polled.
pub(crate) async fn renew<S>(core: Arc<Core<S>>) {
    let shortest = core.sources.iter().map(|source| source.lease).min();
    let every = (shortest.unwrap_or(crate::DEFAULT_LEASE) / 9)
        .clamp(Duration::from_millis(10), Duration::from_millis(500));
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        give_back(&core, WAITED);
        pass(&core).await;
    }
}

/// Gives back what has waited for a slot for so long.
pub(crate) fn give_back<S>(core: &Core<S>, waited: Duration) {
    for holding in core.hands.unstarted(Instant::now(), waited) {
        let back = decided(&holding, Outcome::Released, &RetryPolicy::default());
        core.end(holding, How::Settle(back));
    }
}

async fn pass<S>(core: &Core<S>) {
    let now = Instant::now();
    let mut by_length: HashMap<Duration, Vec<Arc<Holding>>> = HashMap::new();
    for holding in core.hands.all() {
        if holding.age(now) >= holding.length() / 3 {
            by_length.entry(holding.length()).or_default().push(holding);
        }
    }
    for (length, holdings) in by_length {
        for some in holdings.chunks(MAX_BATCH) {
            extend(core, length, some).await;
        }
    }
}

async fn extend<S>(core: &Core<S>, length: Duration, holdings: &[Arc<Holding>]) {
    let leases = holdings.iter().map(|holding| holding.lease()).collect();
    let asked = Instant::now();
    let result = match RenewBatch::new(leases, length) {
        // A database that does not answer must not keep this from seeing that the time is up.
        Ok(batch) => tokio::time::timeout(length / 3, core.store().renew(batch)).await,
        Err(error) => Ok(Err(error.into())),
    };
    match result {
        Ok(Ok(answers)) => {
            for (holding, renewed) in holdings.iter().zip(answers) {
                told(holding, asked, renewed);
            }
        }
        Ok(Err(error)) => tracing::debug!(%error, leases = holdings.len(), "not renewed yet"),
        Err(_) => tracing::debug!(leases = holdings.len(), "not renewed yet: no answer"),
    }
    let now = Instant::now();
    for holding in holdings.iter().filter(|holding| !holding.is_current(now)) {
        holding.cancel(Cancellation::LeaseLost);
    }
}

fn told(holding: &Holding, asked: Instant, renewed: Renewed) {
    match renewed {
        Renewed::Extended {
            expires_at,
            cancel_requested,
        } => {
            holding.renewed(asked, expires_at);
            if cancel_requested {
                holding.cancel(Cancellation::Requested);
            }
        }
        Renewed::LeaseLost => {
            // It may have been settled in this very moment; then nobody listens any more.
            if holding.why() != Some(Cancellation::LeaseLost) {
                telemetry::fence_rejected("renew", 1);
            }
            holding.cancel(Cancellation::LeaseLost);
        }
    }
}
