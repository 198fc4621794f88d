//! What a figure is to reach.

use serde::{Deserialize, Serialize};

use crate::record::Figures;
use crate::table::thousands;

/// What one contestant is to reach. Where both a ratio and a rate are given, either will do; the
/// rest must hold as well.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Target {
    /// At least this share of the baseline.
    pub(crate) ratio: Option<f64>,
    /// At least so many jobs per second.
    pub(crate) rate: Option<f64>,
    /// At most this long for half of them, in milliseconds.
    #[serde(default)]
    pub(crate) p50_ms: Option<f64>,
    /// At most so many times as long as the baseline, for half of them.
    #[serde(default)]
    pub(crate) p50_times: Option<f64>,
    /// At most this long for 99 of 100, in milliseconds.
    pub(crate) p99_ms: Option<f64>,
    /// At most so many times as long as the baseline, for 99 of 100.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) p99_times: Option<f64>,
    /// At most so much memory.
    pub(crate) peak_mib: Option<f64>,
    /// At most so much of one processor.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) cpu_percent: Option<f64>,
    /// At most so many times as long in the last minute as in the first, for 99 of 100.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) growth: Option<f64>,
}

impl Target {
    /// At least this share of the baseline.
    pub(crate) fn ratio(ratio: f64) -> Self {
        Self {
            ratio: Some(ratio),
            ..Self::default()
        }
    }

    /// At most this long for half of them.
    pub(crate) fn p50_ms(ms: f64) -> Self {
        Self {
            p50_ms: Some(ms),
            ..Self::default()
        }
    }

    /// At most this long for 99 of 100.
    pub(crate) fn p99_ms(ms: f64) -> Self {
        Self {
            p99_ms: Some(ms),
            ..Self::default()
        }
    }

    /// At most so many times as long as the baseline, for half of them.
    pub(crate) fn p50_times(times: f64) -> Self {
        Self {
            p50_times: Some(times),
            ..Self::default()
        }
    }

    /// At most so much memory.
    pub(crate) fn peak_mib(mib: f64) -> Self {
        Self {
            peak_mib: Some(mib),
            ..Self::default()
        }
    }

    /// Whether it is reached. A figure that is wanted and was not measured is not.
    pub(crate) fn is_met(&self, figures: &Figures) -> bool {
        let at_least = |wanted: Option<f64>, got: Option<f64>| {
            wanted.map(|wanted| got.is_some_and(|got| got >= wanted))
        };
        let at_most = |wanted: Option<f64>, got: Option<f64>| {
            wanted.is_none_or(|wanted| got.is_some_and(|got| got <= wanted))
        };
        let by_ratio = at_least(self.ratio, figures.ratio);
        let by_rate = at_least(self.rate, Some(figures.rate));
        let fast = match (by_ratio, by_rate) {
            (None, None) => true,
            (ratio, rate) => ratio.unwrap_or(false) || rate.unwrap_or(false),
        };
        fast && at_most(self.p50_ms, figures.p50_ms)
            && at_most(self.p50_times, figures.p50_times)
            && at_most(self.p99_ms, figures.p99_ms)
            && at_most(self.p99_times, figures.p99_times)
            && at_most(self.peak_mib, figures.peak_mib)
            && at_most(self.cpu_percent, figures.cpu_percent)
            && at_most(self.growth, figures.growth)
    }

    /// As the tables show it.
    pub(crate) fn text(&self) -> String {
        let mut parts = Vec::new();
        let ratio = self.ratio.map(|ratio| format!("≥ {ratio} ×"));
        let rate = self.rate.map(|rate| match rate < 10_000.0 {
            true => format!("≥ {}/s", thousands(rate)),
            false => format!("≥ {:.0} k/s", rate / 1000.0),
        });
        match (ratio, rate) {
            (Some(ratio), Some(rate)) => parts.push(format!("{rate} or {ratio}")),
            (ratio, rate) => parts.extend(ratio.or(rate)),
        }
        parts.extend(self.p50_ms.map(|ms| format!("p50 ≤ {ms} ms")));
        parts.extend(self.p50_times.map(|times| format!("p50 ≤ {times} ×")));
        parts.extend(self.p99_ms.map(|ms| format!("p99 ≤ {ms} ms")));
        parts.extend(self.p99_times.map(|times| format!("p99 ≤ {times} ×")));
        parts.extend(self.peak_mib.map(|mib| format!("≤ {mib} MiB")));
        parts.extend(self.growth.map(|times| format!("at the end ≤ {times} ×")));
        parts.extend(self.cpu_percent.map(|percent| format!("≤ {percent} % CPU")));
        parts.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURES: Figures = Figures {
        rate: 50_000.0,
        spread: Some(0.1),
        ratio: Some(0.9),
        p50_ms: Some(1.0),
        p50_times: Some(1.2),
        p95_ms: None,
        p99_ms: Some(4.0),
        p99_times: Some(0.8),
        peak_mib: None,
        cpu_percent: None,
        growth: Some(2.5),
    };

    #[test]
    fn a_ratio_is_reached_or_not() {
        assert!(Target::ratio(0.85).is_met(&FIGURES));
        assert!(!Target::ratio(0.95).is_met(&FIGURES));
        assert_eq!(Target::ratio(0.85).text(), "≥ 0.85 ×");
    }

    #[test]
    fn a_rate_stands_in_for_a_ratio_but_not_for_latency() {
        let target = Target {
            ratio: Some(14.0),
            rate: Some(45_000.0),
            p99_ms: Some(5.0),
            ..Target::default()
        };
        assert!(target.is_met(&FIGURES));
        assert_eq!(target.text(), "≥ 45 k/s or ≥ 14 ×, p99 ≤ 5 ms");
        let slow = Figures {
            p99_ms: Some(6.0),
            ..FIGURES
        };
        assert!(!target.is_met(&slow));
    }

    #[test]
    fn latency_may_be_bounded_by_the_baselines() {
        assert!(Target::p50_times(1.5).is_met(&FIGURES));
        assert!(!Target::p50_times(1.1).is_met(&FIGURES));
        assert_eq!(Target::p50_times(1.5).text(), "p50 ≤ 1.5 ×");
        let below = |times| Target {
            p99_times: Some(times),
            ..Target::default()
        };
        assert!(below(1.0).is_met(&FIGURES));
        assert!(!below(0.5).is_met(&FIGURES));
        assert_eq!(below(1.0).text(), "p99 ≤ 1 ×");
    }

    #[test]
    fn claims_may_get_slower_only_so_far() {
        let target = |times| Target {
            growth: Some(times),
            ..Target::default()
        };
        assert!(target(3.0).is_met(&FIGURES));
        assert!(!target(2.0).is_met(&FIGURES));
        assert_eq!(target(3.0).text(), "at the end ≤ 3 ×");
    }

    #[test]
    fn what_was_not_measured_is_not_reached() {
        assert!(!Target::peak_mib(64.0).is_met(&FIGURES));
        let small = Figures {
            peak_mib: Some(20.0),
            ..FIGURES
        };
        assert!(Target::peak_mib(64.0).is_met(&small));
    }
}
