//! What came of answers, minute by minute.

use std::collections::BTreeMap;

use queue_core::Timestamp;
use serde::{Deserialize, Serialize};

/// What came of some answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// So many answers were read.
    pub jobs: u64,
    /// Of these, so many were rejected.
    pub rejected: u64,
    /// So many findings were kept.
    pub findings: u64,
}

impl Counts {
    /// One answer that was rejected.
    #[must_use]
    pub fn rejected() -> Self {
        Self {
            jobs: 1,
            rejected: 1,
            findings: 0,
        }
    }

    /// One answer of which so many findings were kept.
    #[must_use]
    pub fn accepted(findings: u64) -> Self {
        Self {
            jobs: 1,
            rejected: 0,
            findings,
        }
    }

    fn add(&mut self, other: Self) {
        self.jobs = self.jobs.saturating_add(other.jobs);
        self.rejected = self.rejected.saturating_add(other.rejected);
        self.findings = self.findings.saturating_add(other.findings);
    }
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |mut sum, counts| {
            sum.add(counts);
            sum
        })
    }
}

const MINUTE: i64 = 60_000_000;

/// Counts by the minute, as far back as anybody asks. In which order they come makes no difference, and those of
/// several processes may be [put together](Self::merge).
///
/// ```
/// use std::time::Duration;
/// use queue_core::Timestamp;
/// use review_service::rollout::{Counts, History};
/// let start = Timestamp::from_micros(1_800_000_000_000_000);
/// let mut history = History::default();
/// history.record(start, Counts::accepted(3));
/// history.record(start + Duration::from_secs(300), Counts::rejected());
/// let end = start + Duration::from_secs(301);
/// assert_eq!(history.over(10, end).jobs, 2);
/// assert_eq!(history.over(5, end).findings, 0, "they came six minutes before");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    minutes: BTreeMap<i64, Counts>,
}

impl History {
    /// Adds what came of answers at that time.
    pub fn record(&mut self, at: Timestamp, counts: Counts) {
        self.minutes.entry(minute(at)).or_default().add(counts);
    }

    /// Adds what another process counted.
    pub fn merge(&mut self, other: &Self) {
        for (minute, counts) in &other.minutes {
            self.minutes.entry(*minute).or_default().add(*counts);
        }
    }

    /// The sum of so many minutes, of which the last is the one of `end`.
    #[must_use]
    pub fn over(&self, minutes: u32, end: Timestamp) -> Counts {
        self.up_to(minutes, minute(end))
    }

    /// Whether `holds` of the sum of so many minutes, at the end of every one of the `last` minutes before `end`.
    pub(super) fn holds_throughout(
        &self,
        last: u32,
        minutes: u32,
        end: Timestamp,
        holds: impl Fn(Counts) -> bool,
    ) -> bool {
        let end = minute(end);
        (0..=i64::from(last)).all(|back| holds(self.up_to(minutes, end.saturating_sub(back))))
    }

    /// Forgets what is older than so many minutes.
    pub(super) fn forget(&mut self, minutes: u32, now: Timestamp) {
        let oldest = minute(now).saturating_sub(i64::from(minutes));
        self.minutes = self.minutes.split_off(&oldest);
    }

    fn up_to(&self, minutes: u32, last: i64) -> Counts {
        let first = last.saturating_sub(i64::from(minutes)).saturating_add(1);
        if first > last {
            return Counts::default();
        }
        self.minutes.range(first..=last).map(|(_, it)| *it).sum()
    }
}

fn minute(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(MINUTE)
}
