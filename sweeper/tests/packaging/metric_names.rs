//! What names metrics, held to the table of those that there are.

use std::collections::BTreeSet;

use sweeper::{METRICS, Metric, MetricKind};

/// A metric with the labels that are asked of it: `leasehold_queue_depth{queue="mail"}`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) labels: Vec<String>,
}

/// All that a text names.
pub(crate) fn named(text: &str) -> BTreeSet<Named> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let starts = text.match_indices("leasehold_").map(|(at, _)| at);
    let starts = starts.filter(|at| *at == 0 || !is_part(text.as_bytes()[at - 1]));
    let named = starts.map(|at| {
        let rest = &text[at..];
        let length = rest.bytes().take_while(|byte| is_part(*byte)).count();
        let (name, rest) = rest.split_at(length);
        let selector = rest.strip_prefix('{').and_then(|it| it.split('}').next());
        let selector = selector.unwrap_or_default();
        let asked = selector.split(',').filter(|it| !it.is_empty());
        let label = |it: &str| it.split(['=', '!']).next().unwrap().trim().to_owned();
        Named {
            name: name.to_owned(),
            labels: asked.map(label).collect(),
        }
    });
    named.collect()
}

/// Labels that a scrape adds.
const OF_THE_SCRAPE: [&str; 2] = ["job", "instance"];

/// What of it there is not.
pub(crate) fn unknown(text: &str) -> Vec<String> {
    let mut unknown = Vec::new();
    for Named { name, labels } in named(text) {
        let Some(metric) = metric(&name) else {
            unknown.push(name);
            continue;
        };
        for label in labels {
            let known = metric.labels.iter().chain(&OF_THE_SCRAPE);
            let is_bound = label == "le" && name.ends_with("_bucket");
            if !is_bound && !known.copied().any(|it| it == label) {
                unknown.push(format!("{name}{{{label}}}"));
            }
        }
    }
    unknown
}

/// Histograms have three series each.
fn metric(series: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| {
        let of_histogram = ["_bucket", "_sum", "_count"].iter().any(|suffix| {
            metric.kind == MetricKind::Histogram && series.strip_suffix(suffix) == Some(metric.name)
        });
        series == metric.name && metric.kind != MetricKind::Histogram || of_histogram
    })
}

#[test]
fn what_there_is_not_is_noticed() {
    let text = "rate(leasehold_queue_depht[1m]) + leasehold_queue_depth{qeue=\"mail\"}
        + leasehold_job_duration_seconds + leasehold_sweep_duration_seconds_sum{loop=\"leases\"}";
    assert_eq!(
        unknown(text),
        [
            "leasehold_job_duration_seconds",
            "leasehold_queue_depht",
            "leasehold_queue_depth{qeue}"
        ]
    );
}
