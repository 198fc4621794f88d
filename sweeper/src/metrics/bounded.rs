//! Labels whose values are bounded, and metrics whose series are, whatever queues and kinds are called.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Label, Metadata, Recorder, SharedString, Unit,
};

use crate::figures::{MOST_LABELS, OTHER};

/// So many series of one metric; what comes later is counted in one more. A label has fewer values than this,
/// but two of them could have 10,000 pairs, and a histogram is some twenty lines for each.
pub(crate) const MOST_SERIES: usize = 1000;

/// A recorder that is given no more than so many values of a label and so many series of a metric; those that
/// come later are `other`.
#[derive(Debug)]
pub(super) struct Bounded<R> {
    inner: R,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// By label.
    values: HashMap<String, HashSet<String>>,
    /// By metric: the values of its labels.
    series: HashMap<String, HashSet<Vec<String>>>,
}

impl Seen {
    /// The value itself, or `other`.
    fn value(&mut self, label: &Label) -> Label {
        let values = self.values.entry(label.key().to_owned()).or_default();
        if values.contains(label.value()) {
            return label.clone();
        }
        if values.len() < MOST_LABELS {
            values.insert(label.value().to_owned());
            return label.clone();
        }
        other(label)
    }

    /// Whether a series may be: it is there already, or there is room for it.
    fn admits(&mut self, metric: &str, labels: &[Label]) -> bool {
        let series = self.series.entry(metric.to_owned()).or_default();
        let values: Vec<_> = labels
            .iter()
            .map(|label| label.value().to_owned())
            .collect();
        series.contains(&values) || series.len() < MOST_SERIES && series.insert(values)
    }
}

fn other(label: &Label) -> Label {
    Label::new(label.key().to_owned(), OTHER)
}

impl<R> Bounded<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            seen: Mutex::default(),
        }
    }

    fn bounded(&self, key: &Key) -> Key {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut labels: Vec<_> = key.labels().map(|label| seen.value(label)).collect();
        if !seen.admits(key.name(), &labels) {
            labels = labels.iter().map(other).collect();
        }
        Key::from_parts(key.name().to_owned(), labels)
    }
}

impl<R: Recorder> Recorder for Bounded<R> {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.inner.describe_counter(name, unit, help);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.inner.describe_gauge(name, unit, help);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, help: SharedString) {
        self.inner.describe_histogram(name, unit, help);
    }

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> Counter {
        self.inner.register_counter(&self.bounded(key), metadata)
    }

    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> Gauge {
        self.inner.register_gauge(&self.bounded(key), metadata)
    }

    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> Histogram {
        self.inner.register_histogram(&self.bounded(key), metadata)
    }
}

#[cfg(test)]
mod tests {
    use metrics::{counter, with_local_recorder};
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn a_flood_of_values_ends_in_other_and_is_counted() {
        let inner = PrometheusBuilder::new().build_recorder();
        let handle = inner.handle();
        with_local_recorder(&Bounded::new(inner), || {
            for n in 0..1000 {
                counter!("leasehold_jobs_claimed_total", "queue" => format!("q{n}"), "kind" => "k")
                    .increment(1);
            }
        });
        let text = handle.render();
        let series: Vec<_> = text
            .lines()
            .filter(|line| line.contains("queue="))
            .collect();
        assert_eq!(series.len(), MOST_LABELS + 1);
        let other = series.iter().find(|line| line.contains("queue=\"other\""));
        let wanted = format!(" {}", 1000 - MOST_LABELS);
        assert!(other.unwrap().ends_with(&wanted), "{other:?}");
    }

    #[test]
    fn a_flood_of_pairs_ends_in_one_series_and_is_counted() {
        let inner = PrometheusBuilder::new().build_recorder();
        let handle = inner.handle();
        let times = |queues: usize, kinds: usize| {
            for n in 0..queues * kinds {
                let (queue, kind) = (format!("q{}", n / kinds), format!("k{}", n % kinds));
                counter!("leasehold_jobs_claimed_total", "queue" => queue, "kind" => kind)
                    .increment(1);
            }
        };
        with_local_recorder(&Bounded::new(inner), || {
            times(90, 90);
            // Those that were there first keep theirs.
            times(1, 90);
            counter!("leasehold_jobs_enqueued_total", "queue" => "q89", "kind" => "k89")
                .increment(1);
        });
        let text = handle.render();
        let of = |metric: &str| -> Vec<&str> {
            let start = format!("{metric}{{");
            text.lines()
                .filter(|line| line.starts_with(&start))
                .collect()
        };
        let series = of("leasehold_jobs_claimed_total");
        assert_eq!(series.len(), MOST_SERIES + 1);
        let other =
            |line: &&&str| line.contains("queue=\"other\"") && line.contains("kind=\"other\"");
        let others: Vec<_> = series.iter().filter(other).collect();
        let wanted = format!(" {}", 90 * 90 - MOST_SERIES);
        assert!(
            others.len() == 1 && others[0].ends_with(&wanted),
            "{others:?}"
        );
        let first = "queue=\"q0\",kind=\"k7\"} 2";
        assert!(series.iter().any(|line| line.ends_with(first)), "{first}");
        // Another metric has room of its own.
        let another = of("leasehold_jobs_enqueued_total");
        assert!(
            another.len() == 1 && another[0].contains("q89"),
            "{another:?}"
        );
    }
}
