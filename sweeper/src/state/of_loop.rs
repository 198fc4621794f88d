//! How one loop is.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use metrics::{counter, gauge, histogram};
use queue_core::StoreError;
use queue_ops::shown_error;

use crate::loops::Passed;

#[derive(Debug, Clone, Default)]
pub(crate) struct LoopState {
    pub(crate) is_on: bool,
    pub(crate) passes: u64,
    pub(crate) rows: u64,
    pub(crate) errors: u64,
    pub(crate) errors_in_a_row: u32,
    pub(crate) last_error: Option<String>,
    /// Rows that it leaves alone, since they make their page fail.
    pub(crate) set_aside: usize,
    pub(crate) last_success: Option<(Instant, SystemTime)>,
    /// A pass that did not end in an error that time alone may mend.
    passed: bool,
    is_running: bool,
    /// When something was heard of it last.
    moved_at: Option<Instant>,
    due_at: Option<Instant>,
}

impl LoopState {
    pub(super) fn rests(&mut self) {
        self.is_on = false;
        self.is_running = false;
        self.passed = true;
        self.errors_in_a_row = 0;
    }

    pub(super) fn begins(&mut self) {
        if !self.is_on {
            self.is_on = true;
            self.passed = false;
        }
        self.is_running = true;
        self.moved();
    }

    pub(super) fn moved(&mut self) {
        self.moved_at = Some(Instant::now());
    }

    fn ends(&mut self) {
        self.is_running = false;
        self.passes += 1;
        self.moved();
    }

    /// Whether it failed before.
    pub(super) fn succeeded(
        &mut self,
        begun: Instant,
        passed: &Passed,
        label: &'static str,
    ) -> bool {
        self.ends();
        self.passed = true;
        self.rows = self.rows.saturating_add(passed.rows);
        let now = SystemTime::now();
        self.last_success = Some((Instant::now(), now));
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        gauge!("leasehold_sweep_last_success_timestamp_seconds", "loop" => label)
            .set(seconds.as_secs_f64());
        counter!("leasehold_sweep_rows_total", "loop" => label).increment(passed.rows);
        histogram!("leasehold_sweep_duration_seconds", "loop" => label)
            .record(begun.elapsed().as_secs_f64());
        std::mem::take(&mut self.errors_in_a_row) > 0
    }

    /// Whether it is the first error in a row.
    pub(super) fn failed(&mut self, label: &'static str, error: &StoreError) -> bool {
        self.ends();
        self.passed |= !error.is_transient();
        self.errors += 1;
        self.errors_in_a_row += 1;
        self.last_error = Some(shown_error(error));
        counter!("leasehold_sweep_errors_total", "loop" => label).increment(1);
        self.errors_in_a_row == 1
    }

    pub(super) fn set_aside(&mut self, rows: usize, label: &'static str) {
        self.set_aside = rows;
        // No more than some thousands: a page is.
        gauge!("leasehold_sweep_rows_set_aside", "loop" => label)
            .set(u32::try_from(rows).unwrap_or(u32::MAX));
    }

    pub(super) fn due_in(&mut self, wait: Duration) {
        self.due_at = Some(Instant::now() + wait);
    }

    pub(super) fn has_passed(&self) -> bool {
        self.passed
    }

    /// How long nothing was heard of it that should have been: it waits for an answer, or has not woken up.
    pub(super) fn silence(&self) -> Duration {
        let since = match (self.is_on, self.is_running) {
            (false, _) => None,
            (true, true) => self.moved_at,
            (true, false) => self.due_at,
        };
        since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    pub(crate) fn age(&self) -> Option<Duration> {
        self.last_success.map(|(at, _)| at.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who reads a page of the daemon calls no function.
    #[test]
    fn an_error_is_said_as_programs_say_it() {
        let mut state = LoopState::default();
        let missing = StoreError::SchemaMismatch {
            found: 0,
            supported: 5,
        };
        state.failed("leases", &missing);
        let said = state.last_error.unwrap();
        assert!(said.contains("`leasehold migrate up` makes it"), "{said}");
    }
}
