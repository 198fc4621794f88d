//! The last line that a program prints.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What came of an errand.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// How many jobs it was about: enqueued, run, or picked up.
    pub jobs: u64,
    /// How long that took.
    pub seconds: f64,
    /// How many ids came back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ids: Option<u64>,
    /// How long single jobs took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p50_ms: Option<f64>,
    /// The time that 95 of 100 did not exceed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p95_ms: Option<f64>,
    /// The time that 99 of 100 did not exceed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p99_ms: Option<f64>,
}

impl Answer {
    /// So many jobs in so much time.
    #[must_use]
    pub fn new(jobs: u64, took: Duration) -> Self {
        Self {
            jobs,
            seconds: took.as_secs_f64(),
            ..Self::default()
        }
    }

    /// With how long each of them took.
    #[must_use]
    pub fn with_times(mut self, mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |share: f64| {
            let rank = (times.len() as f64 * share).ceil() as usize;
            let time = times.get(rank.max(1) - 1)?;
            Some(time.as_secs_f64() * 1000.0)
        };
        (self.p50_ms, self.p95_ms, self.p99_ms) = (at(0.5), at(0.95), at(0.99));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_occurred_are_named() {
        let times = (1..=100).rev().map(Duration::from_millis).collect();
        let answer = Answer::new(100, Duration::from_secs(2)).with_times(times);
        assert_eq!((answer.jobs, answer.seconds), (100, 2.0));
        assert_eq!(answer.p50_ms, Some(50.0));
        assert_eq!(answer.p95_ms, Some(95.0));
        assert_eq!(answer.p99_ms, Some(99.0));
    }

    #[test]
    fn nothing_took_no_time() {
        let answer = Answer::new(0, Duration::ZERO).with_times(vec![]);
        assert_eq!(answer.p50_ms, None);
        let text = serde_json::to_string(&answer).unwrap();
        assert_eq!(text, r#"{"jobs":0,"seconds":0.0}"#);
    }
}
