//! How many jobs to hold beyond those that run.
//!
//! A handler that takes microseconds would wait for each round trip to the database; one that takes
//! seconds needs nothing ahead, and what it hoards others could run. So as much is claimed ahead as
//! the handlers get through while a claim and a settlement are under way, twice over; but nothing
//! that would wait for longer than its lease can bear.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What slots and loops report.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    attempts: AtomicU64,
    nanos: AtomicU64,
    settling_nanos: AtomicU64,
}

/// What the fetcher makes of it.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    attempts: u64,
    nanos: u64,
    /// Seconds that an attempt takes; `None` before the first one.
    attempt: Option<f64>,
    /// Seconds that a claim takes.
    claim: f64,
}

impl Pace {
    pub(crate) fn attempted(&self, took: Duration) {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        self.nanos.fetch_add(nanos(took), Ordering::Relaxed);
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
        let attempts = pace.attempts.load(Ordering::Relaxed);
        let nanos = pace.nanos.load(Ordering::Relaxed);
        let new = attempts.saturating_sub(self.attempts);
        if new > 0 {
            let mean = nanos.saturating_sub(self.nanos) as f64 / new as f64 / 1e9;
            // The latest counts for half: it may be other jobs by now.
            self.attempt = Some(self.attempt.map_or(mean, |before| (before + mean) / 2.0));
            (self.attempts, self.nanos) = (attempts, nanos);
        }
        let Some(attempt) = self.attempt else {
            return 0;
        };
        let settling = pace.settling_nanos.load(Ordering::Relaxed) as f64 / 1e9;
        let wait = wait.as_secs_f64().min(2.0 * (self.claim + settling));
        let ahead = concurrency as f64 * wait / attempt.max(1e-9);
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
            pace.attempted(attempt);
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
    fn it_follows_when_handlers_become_slow() {
        let (pace, mut measured) = (Pace::default(), Measured::default());
        measured.claimed(Duration::from_millis(2));
        pace.attempted(Duration::from_micros(10));
        assert!(measured.ahead(&pace, 16, 1000, WAIT) > 1000 / 2);
        for _ in 0..4 {
            pace.attempted(Duration::from_secs(1));
            measured.ahead(&pace, 16, 1000, WAIT);
        }
        assert_eq!(measured.ahead(&pace, 16, 1000, WAIT), 0);
    }
}
