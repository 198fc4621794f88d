//! What the dashboard shows, row by row.

use Shape::{Heat, Number, Table, Time};

/// How a panel shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Lines over time.
    Time,
    /// The number of now.
    Number,
    /// How many were how large, over time.
    Heat,
    /// Labels of now.
    Table,
}

/// A panel: what is asked of Prometheus, and what each series is called.
#[derive(Debug)]
pub(super) struct Panel {
    pub(super) title: &'static str,
    pub(super) shape: Shape,
    /// As Grafana names it.
    pub(super) unit: &'static str,
    pub(super) queries: &'static [(&'static str, &'static str)],
}

const fn panel(
    title: &'static str,
    shape: Shape,
    unit: &'static str,
    queries: &'static [(&'static str, &'static str)],
) -> Panel {
    Panel {
        title,
        shape,
        unit,
        queries,
    }
}

/// Several daemons on one database measure the same: of gauges the highest counts, of counters the sum.
pub(super) const ROWS: &[(&str, &[Panel])] = &[
    (
        "Now",
        &[
            panel(
                "Daemons",
                Number,
                "short",
                &[(r#"count(leasehold_build_info{job=~"$job"})"#, "")],
            ),
            panel(
                "Ready jobs",
                Number,
                "short",
                &[(
                    r#"sum(max without (instance) (leasehold_queue_depth{job=~"$job",state="ready"}))"#,
                    "",
                )],
            ),
            panel(
                "Dead letters",
                Number,
                "short",
                &[(
                    r#"sum(max without (instance) (leasehold_dead_letters{job=~"$job",state=~"open|escalated"}))"#,
                    "",
                )],
            ),
            panel(
                "Outbox lag",
                Number,
                "s",
                &[(r#"max(leasehold_outbox_lag_seconds{job=~"$job"})"#, "")],
            ),
            panel(
                "In doubt",
                Number,
                "short",
                &[(r#"max(leasehold_notifications_in_doubt{job=~"$job"})"#, "")],
            ),
            panel(
                "Longest silence of a loop",
                Number,
                "s",
                &[(
                    r#"max(time() - leasehold_sweep_last_success_timestamp_seconds{job=~"$job"})"#,
                    "",
                )],
            ),
            panel(
                "Audit chain broken",
                Number,
                "bool_yes_no",
                &[(r#"max(leasehold_audit_chain_broken{job=~"$job"})"#, "")],
            ),
            panel(
                "Versions",
                Table,
                "short",
                &[(
                    r#"count by (version) (leasehold_build_info{job=~"$job"})"#,
                    "{{version}}",
                )],
            ),
        ],
    ),
    (
        "Queues",
        &[
            panel(
                "Jobs by state",
                Time,
                "short",
                &[(
                    r#"sum by (state) (max without (instance) (leasehold_queue_depth{job=~"$job",queue=~"$queue"}))"#,
                    "{{state}}",
                )],
            ),
            panel(
                "Ready jobs by queue",
                Time,
                "short",
                &[(
                    r#"max by (queue) (leasehold_queue_depth{job=~"$job",queue=~"$queue",state="ready"})"#,
                    "{{queue}}",
                )],
            ),
            panel(
                "Running jobs by queue",
                Time,
                "short",
                &[(
                    r#"max by (queue) (leasehold_queue_depth{job=~"$job",queue=~"$queue",state="running"})"#,
                    "{{queue}}",
                )],
            ),
            panel(
                "How long the oldest ready job has waited",
                Time,
                "s",
                &[(
                    r#"max by (queue) (leasehold_oldest_ready_age_seconds{job=~"$job",queue=~"$queue"})"#,
                    "{{queue}}",
                )],
            ),
        ],
    ),
    (
        "Jobs",
        &[
            panel(
                "Enqueued and claimed",
                Time,
                "ops",
                &[
                    (
                        r#"sum(rate(leasehold_jobs_enqueued_total{queue=~"$queue"}[$__rate_interval]))"#,
                        "enqueued",
                    ),
                    (
                        r#"sum(rate(leasehold_jobs_claimed_total{queue=~"$queue"}[$__rate_interval]))"#,
                        "claimed",
                    ),
                ],
            ),
            panel(
                "Attempts by outcome",
                Time,
                "ops",
                &[(
                    r#"sum by (outcome) (rate(leasehold_jobs_settled_total{queue=~"$queue"}[$__rate_interval]))"#,
                    "{{outcome}}",
                )],
            ),
            panel(
                "Leases that expired",
                Time,
                "ops",
                &[(
                    r#"sum(rate(leasehold_leases_expired_total[$__rate_interval]))"#,
                    "expired",
                )],
            ),
            panel(
                "Writes that a fence refused",
                Time,
                "ops",
                &[(
                    r#"sum by (operation) (rate(leasehold_fence_rejected_total[$__rate_interval]))"#,
                    "{{operation}}",
                )],
            ),
            panel(
                "How long attempts run",
                Time,
                "s",
                &[
                    (
                        r#"histogram_quantile(0.5, sum by (le) (rate(leasehold_job_duration_seconds_bucket{queue=~"$queue"}[$__rate_interval])))"#,
                        "half",
                    ),
                    (
                        r#"histogram_quantile(0.99, sum by (le) (rate(leasehold_job_duration_seconds_bucket{queue=~"$queue"}[$__rate_interval])))"#,
                        "99 %",
                    ),
                ],
            ),
            panel(
                "How long jobs wait until they run",
                Time,
                "s",
                &[
                    (
                        r#"histogram_quantile(0.5, sum by (le) (rate(leasehold_pickup_delay_seconds_bucket{queue=~"$queue"}[$__rate_interval])))"#,
                        "half",
                    ),
                    (
                        r#"histogram_quantile(0.99, sum by (le) (rate(leasehold_pickup_delay_seconds_bucket{queue=~"$queue"}[$__rate_interval])))"#,
                        "99 %",
                    ),
                ],
            ),
            panel(
                "Durations of attempts",
                Heat,
                "s",
                &[(
                    r#"sum by (le) (increase(leasehold_job_duration_seconds_bucket{queue=~"$queue"}[$__rate_interval]))"#,
                    "{{le}}",
                )],
            ),
        ],
    ),
    (
        "Dead letters and documents",
        &[
            panel(
                "Dead letters by error class",
                Time,
                "short",
                &[(
                    r#"sum by (error_class) (max without (instance) (leasehold_dead_letters{job=~"$job"}))"#,
                    "{{error_class}}",
                )],
            ),
            panel(
                "Dead letters by state",
                Time,
                "short",
                &[(
                    r#"sum by (state) (max without (instance) (leasehold_dead_letters{job=~"$job"}))"#,
                    "{{state}}",
                )],
            ),
            panel(
                "Letters that were replayed",
                Time,
                "ops",
                &[(
                    r#"sum by (outcome) (rate(leasehold_replays_total[$__rate_interval]))"#,
                    "{{outcome}}",
                )],
            ),
            panel(
                "What was repaired, dropped or rejected",
                Time,
                "ops",
                &[(
                    r#"sum by (code, action) (rate(leasehold_diagnostics_total[$__rate_interval]))"#,
                    "{{code}}, {{action}}",
                )],
            ),
            panel(
                "Documents by version",
                Time,
                "ops",
                &[(
                    r#"sum by (contract, field, version) (rate(leasehold_contract_versions_total[$__rate_interval]))"#,
                    "{{contract}} {{field}} {{version}}",
                )],
            ),
        ],
    ),
    (
        "Outbox",
        &[
            panel(
                "Notifications",
                Time,
                "short",
                &[
                    (
                        r#"max(leasehold_notifications_pending{job=~"$job"})"#,
                        "pending",
                    ),
                    (
                        r#"max(leasehold_notifications_in_doubt{job=~"$job"})"#,
                        "in doubt",
                    ),
                    (
                        r#"max(leasehold_notifications_failed{job=~"$job"})"#,
                        "failed",
                    ),
                ],
            ),
            panel(
                "Lag, and the oldest doubt",
                Time,
                "s",
                &[
                    (r#"max(leasehold_outbox_lag_seconds{job=~"$job"})"#, "lag"),
                    (
                        r#"max(leasehold_oldest_doubt_seconds{job=~"$job"})"#,
                        "oldest doubt",
                    ),
                ],
            ),
            panel(
                "Sends by channel and outcome",
                Time,
                "ops",
                &[(
                    r#"sum by (channel, outcome) (rate(leasehold_notifications_total[$__rate_interval]))"#,
                    "{{channel}} {{outcome}}",
                )],
            ),
            panel(
                "How long sends take, 99 %",
                Time,
                "s",
                &[(
                    r#"histogram_quantile(0.99, sum by (le, channel) (rate(leasehold_delivery_duration_seconds_bucket[$__rate_interval])))"#,
                    "{{channel}}",
                )],
            ),
            panel(
                "Breaks of channels",
                Time,
                "short",
                &[(
                    r#"sum by (channel) (increase(leasehold_channel_breaks_total[$__rate_interval]))"#,
                    "{{channel}}",
                )],
            ),
            panel(
                "How long nothing was heard of what a channel is to send",
                Time,
                "s",
                &[(
                    r#"time() - max by (channel) (leasehold_channel_last_success_timestamp_seconds{job=~"$job"})"#,
                    "{{channel}}",
                )],
            ),
            panel(
                "Channels that are paused",
                Time,
                "short",
                &[(
                    r#"max by (channel) (leasehold_channel_paused{job=~"$job"})"#,
                    "{{channel}}",
                )],
            ),
        ],
    ),
    (
        "Loops",
        &[
            panel(
                "Since the last success",
                Time,
                "s",
                &[(
                    r#"time() - leasehold_sweep_last_success_timestamp_seconds{job=~"$job"}"#,
                    "{{loop}} {{instance}}",
                )],
            ),
            panel(
                "Errors",
                Time,
                "ops",
                &[(
                    r#"sum by (loop) (rate(leasehold_sweep_errors_total{job=~"$job"}[$__rate_interval]))"#,
                    "{{loop}}",
                )],
            ),
            panel(
                "Rows",
                Time,
                "ops",
                &[(
                    r#"sum by (loop) (rate(leasehold_sweep_rows_total{job=~"$job"}[$__rate_interval]))"#,
                    "{{loop}}",
                )],
            ),
            panel(
                "How long passes take, 99 %",
                Time,
                "s",
                &[(
                    r#"histogram_quantile(0.99, sum by (le, loop) (rate(leasehold_sweep_duration_seconds_bucket{job=~"$job"}[$__rate_interval])))"#,
                    "{{loop}}",
                )],
            ),
            panel(
                "Who leads",
                Time,
                "short",
                &[(r#"leasehold_leader{job=~"$job"}"#, "{{role}} {{instance}}")],
            ),
            panel(
                "Rows that are set aside",
                Time,
                "short",
                &[
                    (
                        r#"max without (instance) (leasehold_sweep_rows_set_aside{job=~"$job"})"#,
                        "{{loop}}",
                    ),
                    (
                        r#"sum(increase(leasehold_notifications_unreadable_total[1h]))"#,
                        "messages found unreadable in an hour",
                    ),
                ],
            ),
        ],
    ),
    (
        "Database",
        &[
            panel(
                "How long the oldest transaction has been open (Postgres)",
                Time,
                "s",
                &[(
                    r#"max(leasehold_db_horizon_age_seconds{job=~"$job"})"#,
                    "open for",
                )],
            ),
            panel(
                "Pages in the write-ahead log (SQLite)",
                Time,
                "short",
                &[(r#"max(leasehold_wal_pages{job=~"$job"})"#, "pages")],
            ),
        ],
    ),
];
