//! What is kept of each minute.

use serde::{Deserialize, Serialize};

use crate::record::{Latency, Sample};

/// A minute of a turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Minute {
    /// Finished in it.
    pub(crate) jobs: u64,
    /// Of the claims that found something.
    pub(crate) latency: Option<Latency>,
    /// At its end, where a database counts them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) dead_rows: Option<i64>,
    /// What had swollen by its end: the table of live jobs with its indexes, or the write-ahead log.
    pub(crate) mib: f64,
}

impl Minute {
    /// How many times as long 99 of 100 claims took in the last of them as in the first.
    pub(crate) fn growth(sample: &Sample) -> Option<f64> {
        let p99 = |minute: &Self| minute.latency.map(|latency| latency.p99_ms);
        let (first, last) = (sample.minutes.first()?, sample.minutes.last()?);
        Some(p99(last)? / p99(first)?)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn growth_is_of_the_last_minute_over_the_first() {
        let minute = |p99_ms| Minute {
            jobs: 1,
            latency: Some(Latency {
                p50_ms: 1.0,
                p95_ms: None,
                p99_ms,
            }),
            dead_rows: None,
            mib: 1.0,
        };
        let sample = |minutes| Sample {
            minutes,
            ..Sample::new(1, Duration::from_secs(60))
        };
        let three = sample(vec![minute(2.0), minute(9.0), minute(5.0)]);
        assert_eq!(Minute::growth(&three), Some(2.5));
        assert_eq!(Minute::growth(&sample(Vec::new())), None);
    }
}
