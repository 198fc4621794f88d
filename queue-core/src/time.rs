//! Time as the database tells it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A moment in UTC, in whole microseconds since 1970: what both databases store without loss.
///
/// ```
/// use std::time::Duration;
/// use queue_core::Timestamp;
/// let start = Timestamp::from_micros(1_700_000_000_000_000);
/// assert_eq!(start.to_string(), "2023-11-14T22:13:20.000000Z");
/// assert_eq!((start + Duration::from_secs(30)).since(start), Duration::from_secs(30));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

const YEAR_10000: Timestamp = Timestamp(253_402_300_800_000_000);

impl Timestamp {
    /// From microseconds since 1970.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// This process's own clock. Only a store that *is* on this host may take it for database time.
    #[must_use]
    pub fn of_this_host() -> Self {
        Self::from(SystemTime::now())
    }
}

/// Whole microseconds, at most what a timestamp can hold.
pub(crate) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// A duration as stores keep it: what is less than a microsecond is cut off.
pub(crate) fn whole_micros(duration: Duration) -> Duration {
    Duration::from_micros(u64::try_from(micros(duration)).unwrap_or(0))
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Self(micros(after)),
            Err(before) => Self(-micros(before.duration())),
        }
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = u64::try_from(self.0)
            .ok()
            .and_then(|micros| UNIX_EPOCH.checked_add(Duration::from_micros(micros)));
        match time {
            // What has a year of four digits; the formatter fails on the others.
            Some(time) if *self < YEAR_10000 => humantime::format_rfc3339_micros(time).fmt(f),
            _ => write!(f, "{}us", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where a store takes its time from.
///
/// In production it is always the database, so that the clocks of the hosts don't matter. Tests move
/// a [`ManualClock`] by hand; the statements are the same, with the time passed in.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The database's own clock.
    #[default]
    Database,
    /// A clock that stands still until it is moved.
    Manual(ManualClock),
}

impl Clock {
    /// The time to pass into a statement instead of the database's own, if any.
    #[must_use]
    pub fn override_time(&self) -> Option<Timestamp> {
        match self {
            Self::Database => None,
            Self::Manual(clock) => Some(clock.now()),
        }
    }
}

/// A clock for tests; clones share their time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl Default for ManualClock {
    fn default() -> Self {
        Self::at(Timestamp(1_800_000_000_000_000))
    }
}

impl ManualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(start.0)))
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(micros(by), Ordering::SeqCst);
    }

    /// Sets it, also backwards.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.0, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_moment_can_be_shown() {
        let shown = |micros| Timestamp::from_micros(micros).to_string();
        assert_eq!(
            shown(253_402_300_799_999_999),
            "9999-12-31T23:59:59.999999Z"
        );
        assert_eq!(shown(253_402_300_800_000_000), "253402300800000000us");
        assert_eq!(shown(i64::MAX), "9223372036854775807us");
        assert_eq!(shown(-1), "-1us");
    }
}
