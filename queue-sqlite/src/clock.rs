//! The store's time: the host's wall clock, never behind the database's high-water mark.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use queue_core::{Clock, Timestamp};

/// How far the persisted mark may lag behind: what a wall clock that was put back can win at most
/// when all processes stop at the same time. Not every commit pays for it.
pub(crate) const MARK_EVERY: Duration = Duration::from_millis(100);

/// The clock that all threads of a store share.
///
/// A wall clock that is put back does not stop it: inside the process it goes on by the monotonic
/// clock from the last time it gave.
#[derive(Debug, Default)]
pub(crate) struct HostClock {
    source: Clock,
    last: Mutex<Option<(Timestamp, Instant)>>,
}

impl HostClock {
    pub(crate) fn new(source: Clock) -> Self {
        Self {
            source,
            last: Mutex::new(None),
        }
    }

    /// The time now, given the database's mark.
    pub(crate) fn now(&self, mark: Timestamp) -> Timestamp {
        if let Some(time) = self.source.override_time() {
            return time;
        }
        self.after(mark, Timestamp::of_this_host(), Instant::now())
    }

    /// Whether the mark is to be persisted: a manual clock's time is not.
    pub(crate) fn keeps_mark(&self) -> bool {
        matches!(self.source, Clock::Database)
    }

    fn after(&self, mark: Timestamp, wall: Timestamp, instant: Instant) -> Timestamp {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let carried = last.map(|(time, since)| time + instant.saturating_duration_since(since));
        let now = wall.max(mark).max(carried.unwrap_or(mark));
        *last = Some((now, instant));
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_wall_clock_put_back_neither_turns_time_back_nor_stops_it() {
        let clock = HostClock::default();
        let (wall, start) = (
            Timestamp::from_micros(1_800_000_000_000_000),
            Instant::now(),
        );
        let zero = Timestamp::from_micros(0);
        assert_eq!(clock.after(zero, wall, start), wall);
        let hour_back = wall - 3600 * SECOND;
        assert_eq!(
            clock.after(zero, hour_back, start + SECOND),
            wall + SECOND,
            "it goes on by the monotonic clock"
        );
        let later = wall + 10 * SECOND;
        assert_eq!(
            clock.after(zero, later, start + 2 * SECOND),
            later,
            "a wall clock ahead wins"
        );
    }

    #[test]
    fn the_mark_of_another_process_counts() {
        let clock = HostClock::default();
        let wall = Timestamp::from_micros(1_800_000_000_000_000);
        let mark = wall + SECOND;
        assert_eq!(clock.after(mark, wall, Instant::now()), mark);
    }
}
