//! Signs of life of a loop of the deliverer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::StoreError;

/// What a loop says of itself, and others read.
#[derive(Debug, Default)]
pub(crate) struct Beat(Mutex<Life>);

#[derive(Debug, Clone, Default)]
pub(crate) struct Life {
    /// Since when it waits for the store, or from when on it should be heard of; none while it waits for work.
    heard_from: Option<Instant>,
    pub(crate) last_success: Option<(Instant, SystemTime)>,
    pub(crate) rows: u64,
    pub(crate) errors: u64,
    pub(crate) errors_in_a_row: u32,
    pub(crate) last_error: Option<String>,
}

impl Beat {
    fn lock(&self) -> MutexGuard<'_, Life> {
        // A panic while it was held is reported where it happened.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// It asks the store.
    pub(crate) fn asks(&self) {
        self.lock().heard_from = Some(Instant::now());
    }

    /// It sleeps for so long.
    pub(crate) fn sleeps(&self, pause: Duration) {
        self.lock().heard_from = Instant::now().checked_add(pause);
    }

    /// It waits for others to bring it something, however long that takes.
    pub(crate) fn waits(&self) {
        self.lock().heard_from = None;
    }

    /// The store answered what was asked of it, for so many rows.
    pub(crate) fn worked(&self, rows: usize) {
        let mut life = self.lock();
        life.heard_from = Some(Instant::now());
        life.last_success = Some((Instant::now(), SystemTime::now()));
        life.rows = life.rows.saturating_add(rows as u64);
        life.errors_in_a_row = 0;
    }

    pub(crate) fn failed(&self, error: &StoreError) {
        let mut life = self.lock();
        life.heard_from = Some(Instant::now());
        life.errors += 1;
        life.errors_in_a_row = life.errors_in_a_row.saturating_add(1);
        life.last_error = Some(error.to_string());
    }

    /// Both.
    pub(crate) fn answered<T>(&self, result: &Result<T, StoreError>) {
        match result {
            Ok(_) => self.worked(0),
            Err(error) => self.failed(error),
        }
    }

    /// How long nothing was heard of it that should have been.
    pub(crate) fn silence(&self) -> Duration {
        let since = self.lock().heard_from;
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    pub(crate) fn life(&self) -> Life {
        self.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_silent_only_where_it_should_be_heard_of() {
        let beat = Beat::default();
        assert_eq!(beat.silence(), Duration::ZERO);
        beat.sleeps(Duration::from_secs(3600));
        assert_eq!(beat.silence(), Duration::ZERO);
        beat.sleeps(Duration::MAX);
        assert_eq!(beat.silence(), Duration::ZERO, "for ever is no time");
        beat.asks();
        while beat.silence() == Duration::ZERO {
            std::thread::yield_now();
        }
        beat.waits();
        assert_eq!(beat.silence(), Duration::ZERO);
    }

    #[test]
    fn it_counts_what_failed_until_something_works() {
        let beat = Beat::default();
        let error = StoreError::Closed {
            operation: "leasing",
        };
        beat.failed(&error);
        beat.failed(&error);
        let life = beat.life();
        assert_eq!((life.errors, life.errors_in_a_row, life.rows), (2, 2, 0));
        assert!(life.last_error.is_some() && life.last_success.is_none());
        beat.worked(3);
        let life = beat.life();
        assert_eq!((life.errors, life.errors_in_a_row, life.rows), (2, 0, 3));
        assert!(life.last_success.is_some());
    }
}
