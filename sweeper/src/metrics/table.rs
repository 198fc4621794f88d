//! Every metric that there is: what dashboards and alerts may name.

use std::fmt::Write;

use MetricKind::{Counter, Gauge, Histogram};

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How many were how large.
    Histogram,
}

impl MetricKind {
    /// As Prometheus calls it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Counter => "counter",
            Gauge => "gauge",
            Histogram => "histogram",
        }
    }
}

/// Something that is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: MetricKind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
    /// What it tells, in a sentence.
    pub help: &'static str,
    /// The bounds of its buckets, for a histogram.
    pub buckets: &'static [f64],
}

/// From a statement to a page of thousands of rows.
const OPERATIONS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];
/// From a message that waits for nobody to one that waits for an answer until it is given up.
const SENDS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0,
];
/// From milliseconds to hours: what jobs are.
const JOBS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0,
];

const fn of(
    name: &'static str,
    kind: MetricKind,
    labels: &'static [&'static str],
    help: &'static str,
) -> Metric {
    Metric {
        name,
        kind,
        labels,
        help,
        buckets: &[],
    }
}

const fn timed(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
    buckets: &'static [f64],
) -> Metric {
    Metric {
        name,
        kind: Histogram,
        labels,
        help,
        buckets,
    }
}

/// All of them, by name. Those of services that embed the worker or the deliverer are among them.
pub const METRICS: &[Metric] = &[
    of(
        "leasehold_audit_chain_broken",
        Gauge,
        &[],
        "1 if the audit chain is not what was written.",
    ),
    of(
        "leasehold_build_info",
        Gauge,
        &["version"],
        "1, for the version that runs.",
    ),
    of(
        "leasehold_channel_breaks_total",
        Counter,
        &["channel"],
        "How often a channel took a break since nothing got through.",
    ),
    of(
        "leasehold_channel_last_success_timestamp_seconds",
        Gauge,
        &["channel"],
        "When the daemon's deliverer last heard what a channel is to send, in Unix time.",
    ),
    of(
        "leasehold_channel_paused",
        Gauge,
        &["channel"],
        "1 if a channel of the daemon's deliverer is paused.",
    ),
    of(
        "leasehold_contract_versions_total",
        Counter,
        &["contract", "field", "version"],
        "Documents read, by the version that they say they are of.",
    ),
    of(
        "leasehold_db_horizon_age_seconds",
        Gauge,
        &[],
        "How long the oldest transaction has been open, on Postgres: dead rows are kept since then.",
    ),
    of(
        "leasehold_dead_letters",
        Gauge,
        &["state", "error_class"],
        "Dead letters that wait for somebody, counted up to a bound.",
    ),
    timed(
        "leasehold_delivery_duration_seconds",
        &["channel"],
        "How long a send took.",
        SENDS,
    ),
    of(
        "leasehold_diagnostics_total",
        Counter,
        &["contract", "code", "action"],
        "What was repaired, dropped or rejected in documents.",
    ),
    of(
        "leasehold_fence_rejected_total",
        Counter,
        &["operation"],
        "Writes that were refused since their lease was not the current one.",
    ),
    timed(
        "leasehold_job_duration_seconds",
        &["queue", "kind"],
        "How long an attempt ran.",
        JOBS,
    ),
    of(
        "leasehold_jobs_claimed_total",
        Counter,
        &["queue", "kind"],
        "Jobs that workers took.",
    ),
    of(
        "leasehold_jobs_enqueued_total",
        Counter,
        &["queue", "kind"],
        "Jobs that were created.",
    ),
    of(
        "leasehold_jobs_settled_total",
        Counter,
        &["queue", "kind", "outcome"],
        "Attempts that ended, by how.",
    ),
    of(
        "leasehold_leader",
        Gauge,
        &["role"],
        "1 if this process leads in the role.",
    ),
    of(
        "leasehold_leases_expired_total",
        Counter,
        &[],
        "Leases that ran out and were ended by this process.",
    ),
    of(
        "leasehold_notifications_failed",
        Gauge,
        &[],
        "Notifications that were refused for good, counted up to a bound.",
    ),
    of(
        "leasehold_notifications_in_doubt",
        Gauge,
        &[],
        "Notifications of which nobody knows whether they were sent, counted up to a bound.",
    ),
    of(
        "leasehold_notifications_pending",
        Gauge,
        &[],
        "Notifications that are to be sent, counted up to a bound.",
    ),
    of(
        "leasehold_notifications_total",
        Counter,
        &["channel", "outcome"],
        "Sends that ended, by how.",
    ),
    of(
        "leasehold_notifications_unreadable_total",
        Counter,
        &[],
        "How often a notification that was due could not be read; it is in doubt until somebody mends it.",
    ),
    of(
        "leasehold_oldest_doubt_seconds",
        Gauge,
        &[],
        "How long the oldest doubt has lasted.",
    ),
    of(
        "leasehold_oldest_ready_age_seconds",
        Gauge,
        &["queue"],
        "How long the job has waited that could have run first.",
    ),
    of(
        "leasehold_outbox_lag_seconds",
        Gauge,
        &[],
        "How long the notification has been due that is due longest.",
    ),
    timed(
        "leasehold_pickup_delay_seconds",
        &["queue", "kind"],
        "How long jobs waited from when they could run until they did.",
        JOBS,
    ),
    of(
        "leasehold_queue_depth",
        Gauge,
        &["queue", "state"],
        "Jobs of a queue, counted up to a bound.",
    ),
    of(
        "leasehold_replays_total",
        Counter,
        &["outcome"],
        "Letters of replay runs that this process drives: those replayed, and by what became of them while it looked on.",
    ),
    timed(
        "leasehold_sweep_duration_seconds",
        &["loop"],
        "How long a pass of a loop took that ended well.",
        OPERATIONS,
    ),
    of(
        "leasehold_sweep_errors_total",
        Counter,
        &["loop"],
        "Passes of a loop that ended in an error.",
    ),
    of(
        "leasehold_sweep_last_success_timestamp_seconds",
        Gauge,
        &["loop"],
        "When a pass of a loop ended well last, in Unix time.",
    ),
    of(
        "leasehold_sweep_rows_total",
        Counter,
        &["loop"],
        "Rows that a loop changed, or looked at where it changes none.",
    ),
    of(
        "leasehold_sweep_rows_set_aside",
        Gauge,
        &["loop"],
        "Rows that a loop cannot change and leaves alone for a while.",
    ),
    of(
        "leasehold_wal_pages",
        Gauge,
        &[],
        "Pages of the write-ahead log that are not in the file yet, on SQLite.",
    ),
];

/// The page of the reference.
#[must_use]
pub fn metrics_page() -> String {
    let mut page = String::from(
        "# Metrics\n\n\
         What `leasehold-sweeper` serves at `/metrics`; services that embed the worker or the deliverer count by the same\n\
         names, through the crate `metrics`. Units are base units. No label has an id; of queues, kinds, channels and error\n\
         classes 100 have series of their own, the rest is `other`; of one metric 1,000 series, and one for the rest. Counts\n\
         of the database stop at 10,000. A queue that holds nothing any more has no series.\n\n\
         | metric | type | labels | |\n|---|---|---|---|\n",
    );
    for Metric {
        name,
        kind,
        labels,
        help,
        ..
    } in METRICS
    {
        let labels: Vec<_> = labels.iter().map(|label| format!("`{label}`")).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(
            page,
            "| `{name}` | {} | {} | {help} |",
            kind.as_str(),
            labels.join(", ")
        );
    }
    page.push_str("\nBuckets, in seconds:\n\n");
    for metric in METRICS.iter().filter(|metric| metric.kind == Histogram) {
        let bounds: Vec<_> = metric.buckets.iter().map(ToString::to_string).collect();
        let _ = writeln!(page, "- `{}`: {}", metric.name, bounds.join(", "));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_stand_once_and_in_order_and_histograms_have_buckets() {
        let names: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names.len(), sorted.len());
        for metric in METRICS {
            assert_eq!(
                metric.kind == Histogram,
                !metric.buckets.is_empty(),
                "{}",
                metric.name
            );
            assert_eq!(
                metric.kind == Counter,
                metric.name.ends_with("_total"),
                "{}",
                metric.name
            );
            assert!(metric.help.ends_with('.'), "{}", metric.name);
        }
    }
}
