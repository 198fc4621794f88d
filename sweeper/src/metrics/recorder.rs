//! Counting by the table, and writing it down.

use std::fmt;
use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use queue_core::ChannelHealth;

use super::bounded::Bounded;
use super::exposition;
use super::table::{METRICS, Metric, MetricKind};
use crate::figures::Figures;

const ADD_UP_EVERY: Duration = Duration::from_secs(5);

/// What was counted. Nothing, where the process has another recorder already.
#[derive(Clone, Default)]
pub(crate) struct Meters(Option<PrometheusHandle>);

impl Meters {
    /// Counts in this process from now on.
    pub(crate) fn install() -> Self {
        let recorder = match builder() {
            Ok(builder) => builder.build_recorder(),
            Err(error) => {
                tracing::error!(%error, "nothing is counted");
                return Self::default();
            }
        };
        let handle = recorder.handle();
        if let Err(error) = metrics::set_global_recorder(Bounded::new(recorder)) {
            tracing::debug!(%error, "counted elsewhere");
            return Self::default();
        }
        for metric in METRICS {
            describe(metric);
        }
        // From 0 on: where a series begins with its first event, no rate has that event.
        let plain = METRICS.iter().filter(|metric| metric.labels.is_empty());
        for metric in plain.filter(|metric| metric.kind == MetricKind::Counter) {
            counter!(metric.name).increment(0);
        }
        gauge!("leasehold_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        gauge!("leasehold_audit_chain_broken").set(0.0);
        Self(Some(handle))
    }

    /// Keeps what histograms hold small for as long as it is driven: each observation is kept by itself until
    /// it is added up, and it may be that nobody ever scrapes.
    pub(crate) async fn keep_small(self) {
        while let Some(handle) = &self.0 {
            handle.run_upkeep();
            tokio::time::sleep(ADD_UP_EVERY).await;
        }
    }

    /// As Prometheus reads it. Figures of the database are as they were measured last.
    pub(crate) fn render(&self, figures: Option<&Figures>, channels: &[ChannelHealth]) -> String {
        let mut text = String::new();
        if let Some(handle) = &self.0 {
            handle.run_upkeep();
            text = handle.render();
        }
        if let Some(figures) = figures {
            exposition::write(&mut text, figures);
        }
        exposition::channels(&mut text, channels);
        text
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    let mut builder = PrometheusBuilder::new();
    for metric in METRICS.iter().filter(|it| it.kind == MetricKind::Histogram) {
        let name = Matcher::Full(metric.name.to_owned());
        builder = builder.set_buckets_for_metric(name, metric.buckets)?;
    }
    Ok(builder)
}

fn describe(metric: &Metric) {
    let unit = if metric.name.ends_with("_seconds") {
        Unit::Seconds
    } else {
        Unit::Count
    };
    match metric.kind {
        MetricKind::Counter => describe_counter!(metric.name, unit, metric.help),
        MetricKind::Gauge => describe_gauge!(metric.name, unit, metric.help),
        MetricKind::Histogram => describe_histogram!(metric.name, unit, metric.help),
    }
}

impl fmt::Debug for Meters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Meters").field(&self.0.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use metrics::{histogram, with_local_recorder};

    use super::*;

    /// In kB.
    fn memory() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|it| it.strip_prefix("RssAnon:"));
        let figure = line.unwrap().trim().trim_end_matches(" kB");
        figure.parse().unwrap()
    }

    /// Four million observations are 32 MB.
    #[tokio::test]
    async fn what_nobody_scrapes_does_not_pile_up() {
        let recorder = builder().unwrap().build_recorder();
        let meters = Meters(Some(recorder.handle()));
        let before = memory();
        for _ in 0..40 {
            with_local_recorder(&recorder, || {
                let passes = histogram!("leasehold_sweep_duration_seconds", "loop" => "leases");
                (0..100_000).for_each(|_| passes.record(0.001));
            });
            // Its first round, without the pause.
            let keeping = tokio::time::timeout(Duration::ZERO, meters.clone().keep_small());
            keeping.await.unwrap_err();
        }
        assert!(
            memory() < before + 12 * 1024,
            "{before} kB, {} kB",
            memory()
        );
        let page = meters.render(None, &[]);
        assert!(page.contains("_count{loop=\"leases\"} 4000000"), "{page}");
    }
}
