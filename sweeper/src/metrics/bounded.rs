//! Labels whose values are bounded, whatever queues and kinds are called.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Label, Metadata, Recorder, SharedString, Unit,
};

use crate::figures::{MOST_LABELS, OTHER};

/// A recorder that is given no more than so many values of a label; those that come later are `other`.
#[derive(Debug)]
pub(super) struct Bounded<R> {
    inner: R,
    seen: Mutex<HashMap<String, HashSet<String>>>,
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
        let mut labels = Vec::with_capacity(key.labels().len());
        for label in key.labels() {
            let values = seen.entry(label.key().to_owned()).or_default();
            let known = values.contains(label.value());
            if known || values.len() < MOST_LABELS {
                if !known {
                    values.insert(label.value().to_owned());
                }
                labels.push(label.clone());
            } else {
                labels.push(Label::new(label.key().to_owned(), OTHER));
            }
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
}
