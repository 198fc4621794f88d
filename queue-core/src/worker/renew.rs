//! Keeping leases alive: all that have passed a third of their time, in one write.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::worker::core::{Core, How};
use crate::worker::execute::decided;
use crate::worker::holding::Holding;
use crate::{
    Cancellation, InvalidBatch, MAX_BATCH, Outcome, ProgressReport, RenewBatch, Renewed,
    RetryPolicy, telemetry,
};

/// How long a job may wait for a slot before it goes back: others could run it.
const WAITED: Duration = Duration::from_secs(1);

/// Renews for as long as it is polled.
pub(crate) async fn renew<S>(core: Arc<Core<S>>) {
    let shortest = core.sources.iter().map(|source| source.lease).min();
    let shortest = shortest.unwrap_or(crate::DEFAULT_LEASE);
    let every = (shortest / 9).clamp(Duration::from_millis(10), Duration::from_millis(500));
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let due = ticks.tick().await;
        let late = due.elapsed();
        if late > shortest / 3 {
            tracing::warn!(
                ?late,
                "the worker was held up, and may have lost leases: something blocks its runtime, or the process was stopped"
            );
        }
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

/// A lease that is to be renewed, or whose job has something to say.
struct Renewal {
    holding: Arc<Holding>,
    report: Option<ProgressReport>,
}

async fn pass<S>(core: &Core<S>) {
    let now = Instant::now();
    let mut by_length: HashMap<Duration, Vec<Renewal>> = HashMap::new();
    for holding in core.hands.all() {
        let report = holding.take_report(now);
        if report.is_some() || holding.age(now) >= holding.length() / 3 {
            let length = holding.length();
            let renewal = Renewal { holding, report };
            by_length.entry(length).or_default().push(renewal);
        }
    }
    for (length, renewals) in by_length {
        for some in renewals.chunks(MAX_BATCH) {
            extend(core, length, some).await;
        }
    }
}

async fn extend<S>(core: &Core<S>, length: Duration, renewals: &[Renewal]) {
    let asked = Instant::now();
    let result = match batch(length, renewals) {
        // A database that does not answer must not keep this from seeing that the time is up.
        Ok(batch) => tokio::time::timeout(length / 3, core.store().renew(batch)).await,
        Err(error) => Ok(Err(error.into())),
    };
    match result {
        Ok(Ok(answers)) => {
            for (renewal, renewed) in renewals.iter().zip(answers) {
                told(&renewal.holding, asked, renewed);
            }
        }
        failed => {
            let leases = renewals.len();
            match failed {
                Ok(Err(error)) => tracing::debug!(%error, leases, "not renewed yet"),
                _ => tracing::debug!(leases, "not renewed yet: no answer"),
            }
            for Renewal { holding, report } in renewals {
                if let Some(report) = report {
                    holding.keep_report(report.clone());
                }
            }
        }
    }
    let now = Instant::now();
    let lost = |renewal: &&Renewal| !renewal.holding.is_current(now);
    for renewal in renewals.iter().filter(lost) {
        renewal.holding.cancel(Cancellation::LeaseLost);
    }
}

fn batch(length: Duration, renewals: &[Renewal]) -> Result<RenewBatch, InvalidBatch> {
    let leases = renewals.iter().map(|renewal| renewal.holding.lease());
    let reports = renewals.iter().filter_map(|renewal| {
        let report = renewal.report.clone()?;
        Some((renewal.holding.job.id(), report))
    });
    RenewBatch::new(leases.collect(), length)?.with_reports(reports.collect())
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
