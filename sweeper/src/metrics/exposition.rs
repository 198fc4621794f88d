//! The figures of the database as Prometheus reads them. They are written anew each time: a queue that is gone
//! has no series any more.

use std::fmt::Write;
use std::time::UNIX_EPOCH;

use queue_core::ChannelHealth;

use super::table::METRICS;
use crate::figures::Figures;

pub(super) fn write(text: &mut String, figures: &Figures) {
    head(text, "leasehold_queue_depth");
    for queue in &figures.queues {
        for (state, jobs) in queue.depth {
            let labels = [("queue", queue.queue.as_str()), ("state", state)];
            series(text, "leasehold_queue_depth", labels, jobs);
        }
    }
    head(text, "leasehold_oldest_ready_age_seconds");
    for queue in &figures.queues {
        let labels = [("queue", queue.queue.as_str())];
        let age = queue.oldest_ready.as_secs_f64();
        series(text, "leasehold_oldest_ready_age_seconds", labels, age);
    }
    head(text, "leasehold_dead_letters");
    for group in &figures.dead_letters {
        let labels = [
            ("state", group.state),
            ("error_class", group.error_class.as_str()),
        ];
        series(text, "leasehold_dead_letters", labels, group.letters);
    }
}

/// How the channels are that are delivered through: one that is configured no more has no series.
pub(super) fn channels(text: &mut String, channels: &[ChannelHealth]) {
    if channels.is_empty() {
        return;
    }
    head(text, "leasehold_channel_last_success_timestamp_seconds");
    for health in channels {
        if let Some(at) = health.last_success {
            let labels = [("channel", health.channel.as_str())];
            let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
            let name = "leasehold_channel_last_success_timestamp_seconds";
            series(text, name, labels, since.as_secs_f64());
        }
    }
    head(text, "leasehold_channel_paused");
    for health in channels {
        let labels = [("channel", health.channel.as_str())];
        series(
            text,
            "leasehold_channel_paused",
            labels,
            u8::from(health.paused),
        );
    }
}

/// Writing to a String cannot fail.
fn head(text: &mut String, name: &str) {
    if let Some(metric) = METRICS.iter().find(|metric| metric.name == name) {
        let _ = writeln!(text, "# HELP {name} {}", metric.help);
        let _ = writeln!(text, "# TYPE {name} {}", metric.kind.as_str());
    }
}

fn series<'l>(
    text: &mut String,
    name: &str,
    labels: impl IntoIterator<Item = (&'l str, &'l str)>,
    value: impl std::fmt::Display,
) {
    text.push_str(name);
    let mut before = '{';
    for (label, value) in labels {
        let _ = write!(text, "{before}{label}=\"{}\"", escaped(value));
        before = ',';
    }
    let _ = writeln!(text, "}} {value}");
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
