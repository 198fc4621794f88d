//! How many jobs to hold beyond those that run.
//!
//! A handler that takes microseconds would wait for each round trip to the database; one that takes
//! seconds needs nothing ahead, and what it hoards others could run. So as much is claimed ahead as
//! the handlers get through while a claim and a settlement are under way, twice over; but nothing
//! that would wait for longer than its lease can bear, nor more payloads than a process has room for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::MAX_BATCH;

/// The payloads of what is held ahead.
const MOST_BYTES: f64 = 16.0 * 1024.0 * 1024.0;

/// What is held ahead is in as many pieces, so that all of its way is busy: one is being claimed, one is with the
/// handlers, one is being settled.
const PIECES: usize = 3;

/// How many jobs to hold, and how many of them come at a time.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Portions {
    /// As many as are held.
    pub(crate) most: usize,
    /// For fewer it is not worth claiming: what is claimed ahead comes in large pieces, a slot that is free is filled
    /// at once.
    pub(crate) least: usize,
    /// As many as a claim takes: if it took all there is room for, the settlement would have nothing meanwhile.
    pub(crate) claim: usize,
}

impl Portions {
    pub(crate) fn new(concurrency: usize, ahead: usize) -> Self {
        let least = (ahead / PIECES).max(1);
        Self {
            most: concurrency + ahead,
            least,
            claim: least.max(concurrency).min(MAX_BATCH),
        }
    }
}

/// What slots and loops report.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    attempts: AtomicU64,
    nanos: AtomicU64,
    bytes: AtomicU64,
    settling_nanos: AtomicU64,
}

/// What the fetcher makes of it.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    attempts: u64,
    nanos: u64,
    bytes: u64,
    /// What an attempt takes; `None` before the first one.
    attempt: Option<Attempt>,
    /// Seconds that a claim takes.
    claim: f64,
}

#[derive(Debug, Clone, Copy)]
struct Attempt {
    seconds: f64,
    /// Of its payload.
    bytes: f64,
}

impl Attempt {
    /// Half of each.
    fn mixed(self, other: Self) -> Self {
        Self {
            seconds: (self.seconds + other.seconds) / 2.0,
            bytes: (self.bytes + other.bytes) / 2.0,
        }
    }
}

impl Pace {
    pub(crate) fn attempted(&self, took: Duration, payload: usize) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(nanos(took), Ordering::Relaxed);
        self.bytes.fetch_add(payload as u64, Ordering::Relaxed);
    }

    pub(crate) fn settled(&self, took: Duration) {
        self.settling_nanos.store(nanos(took), Ordering::Relaxed);
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Measured {
    pub(crate) fn claimed(&mut self, took: Duration) {
        self.claim = took.as_secs_f64();
    }

    /// How many to hold ahead, at most `most`, none of which waits for longer than `wait`.
    pub(crate) fn ahead(
        &mut self,
        pace: &Pace,
        concurrency: usize,
        most: usize,
        wait: Duration,
    ) -> usize {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let (attempts, nanos, bytes) = (read(&pace.attempts), read(&pace.nanos), read(&pace.bytes));
        let new = attempts.saturating_sub(self.attempts);
        if new > 0 {
            let mean = |now: u64, then| now.saturating_sub(then) as f64 / new as f64;
            let latest = Attempt {
                seconds: mean(nanos, self.nanos) / 1e9,
                bytes: mean(bytes, self.bytes),
            };
            // It counts for half: it may be other jobs by now.
            self.attempt = Some(self.attempt.map_or(latest, |before| before.mixed(latest)));
            (self.attempts, self.nanos, self.bytes) = (attempts, nanos, bytes);
        }
        let Some(attempt) = self.attempt else {
            return 0;
        };
        let settling = read(&pace.settling_nanos) as f64 / 1e9;
        let wait = wait.as_secs_f64().min(2.0 * (self.claim + settling));
        let ahead = concurrency as f64 * wait / attempt.seconds.max(1e-9);
        let ahead = ahead.min(MOST_BYTES / attempt.bytes.max(1.0));
        // A float beyond the range becomes its end.
        (ahead as usize).min(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_millis(100);

    fn ahead(attempt: Duration, round_trip: Duration) -> usize {
        let (pace, mut measured) = (Pace::default(), Measured::default());
        assert_eq!(
            measured.ahead(&pace, 16, 1000, WAIT),
            0,
            "nothing is known yet"
        );
        for _ in 0..50 {
            pace.attempted(attempt, 200);
        }
        pace.settled(round_trip);
        measured.claimed(round_trip);
        measured.ahead(&pace, 16, 1000, WAIT)
    }

    #[test]
    fn fast_handlers_get_ahead_and_slow_ones_hoard_nothing() {
        let round_trip = Duration::from_millis(2);
        assert_eq!(ahead(Duration::from_micros(5), round_trip), 1000);
        assert_eq!(ahead(Duration::from_millis(5), round_trip), 25);
        assert_eq!(ahead(Duration::from_secs(1), round_trip), 0);
    }

    #[test]
    fn nothing_waits_for_longer_than_its_lease_can_bear() {
        let slow = Duration::from_secs(1);
        assert_eq!(ahead(Duration::from_millis(16), slow), 100);
    }

    #[test]
    fn free_slots_are_filled_at_once_and_what_is_ahead_comes_by_thirds() {
        let slots_only = Portions {
            most: 16,
            least: 1,
            claim: 16,
        };
        assert_eq!(Portions::new(16, 0), slots_only);
        let thirds = Portions {
            most: 3016,
            least: 1000,
            claim: 1000,
        };
        assert_eq!(Portions::new(16, 3000), thirds);
        let many_slots = Portions {
            most: 20_300,
            least: 100,
            claim: MAX_BATCH,
        };
        assert_eq!(Portions::new(20_000, 300), many_slots);
    }

    #[test]
    fn large_payloads_are_not_piled_up() {
        let (pace, mut measured) = (Pace::default(), Measured::default());
        pace.attempted(Duration::from_micros(5), 1 << 20);
        measured.claimed(Duration::from_millis(2));
        assert_eq!(measured.ahead(&pace, 16, 1000, WAIT), 16);
    }

    #[test]
    fn it_follows_when_handlers_become_slow() {
        let (pace, mut measured) = (Pace::default(), Measured::default());
        measured.claimed(Duration::from_millis(2));
        pace.attempted(Duration::from_micros(10), 200);
        assert!(measured.ahead(&pace, 16, 1000, WAIT) > 1000 / 2);
        for _ in 0..4 {
            pace.attempted(Duration::from_secs(1), 200);
            measured.ahead(&pace, 16, 1000, WAIT);
        }
        assert_eq!(measured.ahead(&pace, 16, 1000, WAIT), 0);
    }
}
