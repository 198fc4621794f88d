//! Counting what a deliverer asks its store for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use fixtures::delivery::Hook;
use queue_core::StoreError;

use crate::record::{Call, Calls};

/// The calls of a store so far. Of each sort a deliverer with one channel has one under way at most, so
/// that an answer belongs to the question before it.
#[derive(Debug, Clone, Default)]
pub(super) struct Books(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    calls: Calls,
    asked: [Option<Instant>; 3],
}

impl Books {
    /// What was counted since this was asked last.
    pub(super) fn take(&self) -> Calls {
        std::mem::take(&mut self.kept().calls)
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn entry(&mut self, verb: &str) -> Option<(&mut Call, &mut Option<Instant>)> {
        let Self { calls, asked } = self;
        let [lease, note, mark] = asked;
        match verb {
            "lease_notifications" => Some((&mut calls.lease, lease)),
            "note_phases" => Some((&mut calls.note, note)),
            "mark" => Some((&mut calls.mark, mark)),
            _ => None,
        }
    }
}

#[async_trait]
impl Hook for Books {
    async fn before(&self, verb: &'static str) -> Result<(), StoreError> {
        if let Some((_, asked)) = self.kept().entry(verb) {
            *asked = Some(Instant::now());
        }
        Ok(())
    }

    async fn after(&self, verb: &'static str) -> Result<(), StoreError> {
        if let Some((call, asked)) = self.kept().entry(verb) {
            call.count += 1;
            call.seconds += asked
                .take()
                .map_or(0.0, |asked| asked.elapsed().as_secs_f64());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn calls_are_counted_until_they_are_taken() {
        let books = Books::default();
        for verb in ["mark", "mark", "note_phases", "suppressed"] {
            books.before(verb).await.unwrap();
            books.after(verb).await.unwrap();
        }
        let calls = books.take();
        let counts = [calls.lease, calls.note, calls.mark].map(|call| call.count);
        assert_eq!(counts, [0, 1, 2]);
        assert!(calls.mark.seconds > 0.0);
        assert_eq!(books.take(), Calls::default());
    }
}
