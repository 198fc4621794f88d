//! What an operator may set per queue, and the arithmetic of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::batch::check_range;
use crate::time::micros;
use crate::{InvalidBatch, QueueName, TenantName, Timestamp};

/// Which job of an ordering key goes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderingMode {
    /// In the order of enqueueing; one that waits for its time or its retry keeps its place.
    #[default]
    Strict,
    /// One at a time, whichever may run first.
    Loose,
}

/// At most `permits` claims per `per`, saved up to `burst`.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{Bucket, RateLimit, Timestamp};
/// let rate = RateLimit::new(10, Duration::from_secs(1), 5).unwrap();
/// let start = Timestamp::from_micros(0);
/// let spent = Bucket::full(&rate, start).less(5);
/// assert_eq!(spent.permits(), 0);
/// assert_eq!(spent.refilled(&rate, start + Duration::from_millis(200)).permits(), 2);
/// let error = RateLimit::new(0, Duration::from_secs(1), 5).unwrap_err();
/// assert_eq!(error.to_string(), "the rate's permits is 0: choose from 1 to 1000000");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    permits: u32,
    per: Duration,
    burst: u32,
}

impl RateLimit {
    /// `permits` in every `per`, with bursts of up to `burst`.
    pub fn new(permits: u32, per: Duration, burst: u32) -> Result<Self, InvalidBatch> {
        check_range("the rate's permits", permits.into(), 1, 1_000_000)?;
        check_range("the rate's burst", burst.into(), 1, 1_000_000)?;
        let millis = u64::try_from(per.as_millis()).unwrap_or(u64::MAX);
        check_range("the rate's period in milliseconds", millis, 1, 86_400_000)?;
        Ok(Self {
            permits,
            per,
            burst,
        })
    }

    /// Permits per period.
    #[must_use]
    pub fn permits(&self) -> u32 {
        self.permits
    }

    /// The period.
    #[must_use]
    pub fn per(&self) -> Duration {
        self.per
    }

    /// The most that is saved up.
    #[must_use]
    pub fn burst(&self) -> u32 {
        self.burst
    }
}

/// One permit in a bucket's own unit.
const PERMIT: i64 = 1_000_000;

/// How full a rate limit's bucket is, in millionths of a permit: integers, so that every store
/// counts alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Millionths of permits.
    pub level: i64,
    /// As of when.
    pub at: Timestamp,
}

impl Bucket {
    /// A full one.
    #[must_use]
    pub fn full(limit: &RateLimit, now: Timestamp) -> Self {
        Self {
            level: i64::from(limit.burst) * PERMIT,
            at: now,
        }
    }

    /// The bucket as of now.
    #[must_use]
    pub fn refilled(self, limit: &RateLimit, now: Timestamp) -> Self {
        let elapsed = i128::from(micros(now.since(self.at)));
        let gained = elapsed * i128::from(limit.permits) * i128::from(PERMIT)
            / i128::from(micros(limit.per).max(1));
        let full = i128::from(limit.burst) * i128::from(PERMIT);
        let level = (i128::from(self.level) + gained).min(full);
        Self {
            level: i64::try_from(level).unwrap_or(i64::MAX),
            at: now.max(self.at),
        }
    }

    /// Whole permits in it.
    #[must_use]
    pub fn permits(self) -> u32 {
        u32::try_from(self.level / PERMIT).unwrap_or(0)
    }

    /// The bucket after `taken` permits.
    #[must_use]
    pub fn less(self, taken: u32) -> Self {
        Self {
            level: self.level - i64::from(taken) * PERMIT,
            ..self
        }
    }
}

/// The settings of one queue. A queue nobody set anything for has the defaults and pays nothing.
///
/// ```
/// use queue_core::{QueueChange, QueueName, QueueSettings};
/// let settings = QueueSettings::new(QueueName::new("mail").unwrap());
/// assert!(!settings.limits_claims());
/// let narrow = settings.changed(&QueueChange { max_running: Some(Some(8)), ..QueueChange::default() });
/// assert_eq!(narrow.allowance(100, 6, None), 2, "six of eight run");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSettings {
    /// Which queue.
    pub queue: QueueName,
    /// Accepts jobs and hands none out.
    pub paused: bool,
    /// At most so many jobs running at a time, over all processes.
    pub max_running: Option<u32>,
    /// At most so many claims per time.
    pub rate: Option<RateLimit>,
    /// Tenants take turns.
    pub fair: bool,
    /// Which job of an ordering key goes next.
    pub ordering: OrderingMode,
}

impl QueueSettings {
    /// The defaults.
    #[must_use]
    pub fn new(queue: QueueName) -> Self {
        Self {
            queue,
            paused: false,
            max_running: None,
            rate: None,
            fair: false,
            ordering: OrderingMode::Strict,
        }
    }

    /// Whether a claim must look at more than the queue itself.
    #[must_use]
    pub fn limits_claims(&self) -> bool {
        self.paused || self.max_running.is_some() || self.rate.is_some() || self.fair
    }

    /// The settings after a change.
    #[must_use]
    pub fn changed(mut self, change: &QueueChange) -> Self {
        self.paused = change.paused.unwrap_or(self.paused);
        self.max_running = change.max_running.unwrap_or(self.max_running);
        self.rate = change.rate.unwrap_or(self.rate);
        self.fair = change.fair.unwrap_or(self.fair);
        self.ordering = change.ordering.unwrap_or(self.ordering);
        self
    }

    /// How many jobs a claim may take, given what runs and what the bucket holds.
    #[must_use]
    pub fn allowance(&self, wanted: u32, running: u64, bucket: Option<Bucket>) -> u32 {
        if self.paused {
            return 0;
        }
        let room = self.max_running.map_or(wanted, |max| {
            u32::try_from(u64::from(max).saturating_sub(running)).unwrap_or(u32::MAX)
        });
        wanted.min(room).min(bucket.map_or(wanted, Bucket::permits))
    }
}

/// A change to a queue's settings: `None` leaves a setting as it is.
///
/// ```
/// use queue_core::{QueueChange, QueueName, QueueSettings};
/// let pause = QueueChange { paused: Some(true), ..QueueChange::default() };
/// let unlimited = QueueChange { max_running: Some(None), ..QueueChange::default() };
/// let mail = QueueSettings::new(QueueName::new("mail").unwrap());
/// let paused = mail.changed(&pause).changed(&unlimited);
/// assert!(paused.paused, "the second change leaves it as it is");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueChange {
    /// See [`QueueSettings::paused`].
    pub paused: Option<bool>,
    /// See [`QueueSettings::max_running`].
    pub max_running: Option<Option<u32>>,
    /// See [`QueueSettings::rate`].
    pub rate: Option<Option<RateLimit>>,
    /// See [`QueueSettings::fair`].
    pub fair: Option<bool>,
    /// See [`QueueSettings::ordering`].
    pub ordering: Option<OrderingMode>,
}

/// Fair turns: the lanes of a queue in the order in which they are to be served, beginning after the
/// one served last. Jobs without a tenant share the lane `None`, which sorts first.
#[must_use]
pub fn turns(
    mut lanes: Vec<Option<TenantName>>,
    last_served: Option<&Option<TenantName>>,
) -> Vec<Option<TenantName>> {
    lanes.sort();
    lanes.dedup();
    if let Some(last) = last_served {
        let next = lanes.partition_point(|lane| lane <= last);
        lanes.rotate_left(next);
    }
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lane(name: &str) -> Option<TenantName> {
        Some(TenantName::new(name).unwrap())
    }

    #[test]
    fn turns_go_round() {
        let lanes = vec![lane("b"), None, lane("a"), lane("b")];
        assert_eq!(turns(lanes.clone(), None), [None, lane("a"), lane("b")]);
        assert_eq!(
            turns(lanes.clone(), Some(&None)),
            [lane("a"), lane("b"), None]
        );
        assert_eq!(
            turns(lanes.clone(), Some(&lane("aa"))),
            [lane("b"), None, lane("a")]
        );
        assert_eq!(turns(lanes, Some(&lane("b"))), [None, lane("a"), lane("b")]);
    }

    proptest! {
        #[test]
        fn a_bucket_never_grants_more_than_rate_and_burst(
            steps in proptest::collection::vec((0u64..2_000_000, 0u32..20), 1..60)
        ) {
            let limit = RateLimit::new(10, Duration::from_secs(1), 5).unwrap();
            let start = Timestamp::from_micros(0);
            let (mut now, mut granted) = (start, 0u64);
            let mut bucket = Bucket::full(&limit, start);
            for (wait, wanted) in steps {
                now = now + Duration::from_micros(wait);
                bucket = bucket.refilled(&limit, now);
                let taken = wanted.min(bucket.permits());
                bucket = bucket.less(taken);
                granted += u64::from(taken);
                let allowed = 5 + 10 * now.since(start).as_micros() / 1_000_000;
                prop_assert!(u128::from(granted) <= allowed);
                prop_assert!(bucket.level >= 0);
            }
        }
    }
}
