//! How the daemon is: what its loops report, and what health, metrics and the watchdog read. No look at it
//! waits for the database.

mod audit;
mod database;
mod of_loop;

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use metrics::gauge;
use queue_core::{AuditFault, DelivererWatch, StoreError};
use queue_ops::shown_error;

pub(crate) use audit::AuditState;
pub(crate) use database::DatabaseState;
pub(crate) use of_loop::LoopState;

use crate::figures::Figures;
use crate::loops::{LoopName, Passed};

/// Where in its life the daemon is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
    /// The database is not open yet, or some loop has not had its first pass.
    Starting,
    Running,
    Stopping,
}

#[derive(Debug)]
pub(crate) struct State {
    started: Instant,
    phase: AtomicU8,
    loops: [Mutex<LoopState>; LoopName::ALL.len()],
    database: Mutex<DatabaseState>,
    figures: Mutex<Option<(Instant, Figures)>>,
    audit: Mutex<AuditState>,
    /// Of the deliverer that runs.
    delivery: Mutex<Option<DelivererWatch>>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            started: Instant::now(),
            phase: AtomicU8::new(Phase::Starting as u8),
            loops: Default::default(),
            database: Mutex::default(),
            figures: Mutex::default(),
            audit: Mutex::default(),
            delivery: Mutex::default(),
        }
    }
}

/// A panic while it was held is reported where it happened.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn of_loop<T>(&self, name: LoopName, change: impl FnOnce(&mut LoopState) -> T) -> Option<T> {
        let slot = self.loops.get(name as usize)?;
        Some(change(&mut lock(slot)))
    }

    pub(crate) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Starting,
            1 => Phase::Running,
            _ => Phase::Stopping,
        }
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    /// A loop is off.
    pub(crate) fn rests(&self, name: LoopName) {
        self.of_loop(name, LoopState::rests);
        lock(&self.database).works(name);
    }

    /// A pass begins.
    pub(crate) fn begins(&self, name: LoopName) {
        self.of_loop(name, LoopState::begins);
    }

    /// The database has answered a loop.
    pub(crate) fn moved(&self, name: LoopName) {
        self.of_loop(name, LoopState::moved);
        lock(&self.database).answered();
    }

    /// A pass ended well. That alone says nothing of the database: it may not have been asked.
    pub(crate) fn succeeded(&self, name: LoopName, begun: Instant, passed: &Passed) {
        let label = name.as_str();
        let failed_before = self.of_loop(name, |state| state.succeeded(begun, passed, label));
        lock(&self.database).works(name);
        if failed_before == Some(true) {
            tracing::debug!(r#loop = label, "the loop works again");
        }
    }

    /// A pass ended in an error.
    pub(crate) fn failed(&self, name: LoopName, begun: Instant, error: &StoreError) {
        let label = name.as_str();
        let is_news = self.of_loop(name, |state| state.failed(label, error));
        if error.is_transient() {
            // Of that the database's own line tells, once for all loops.
            let again = is_news == Some(false);
            lock(&self.database).failed(Some(name), begun, again, error);
            return;
        }
        lock(&self.database).works(name);
        if is_news == Some(true) {
            let code = error.catalogued().as_str();
            let error = shown_error(error);
            tracing::error!(
                r#loop = label,
                code,
                error,
                "a loop fails; it is tried again"
            );
        }
    }

    /// The database could not be opened.
    pub(crate) fn not_opened(&self, begun: Instant, error: &StoreError) {
        lock(&self.database).failed(None, begun, true, error);
    }

    pub(crate) fn opened(&self) {
        lock(&self.database).opened();
    }

    /// When a loop comes round again.
    pub(crate) fn due_in(&self, name: LoopName, wait: Duration) {
        self.of_loop(name, |state| state.due_in(wait));
    }

    /// The loops from which nothing was heard for so long, and should have been; those of the deliverer, too.
    pub(crate) fn stuck(&self, after: Duration) -> Vec<(String, Duration)> {
        let silent = |name: &LoopName| {
            let silence = self.of_loop(*name, |state| state.silence())?;
            (silence > after).then(|| (name.to_string(), silence))
        };
        let mut stuck: Vec<_> = LoopName::ALL.iter().filter_map(silent).collect();
        if let Some(delivery) = self.delivery() {
            stuck.extend(delivery.stuck(after));
        }
        stuck
    }

    /// A deliverer runs from now on, or none does.
    pub(crate) fn delivers(&self, watch: Option<DelivererWatch>) {
        *lock(&self.delivery) = watch;
    }

    pub(crate) fn delivery(&self) -> Option<DelivererWatch> {
        lock(&self.delivery).clone()
    }

    /// Whether every loop has had its first pass, or is off.
    pub(crate) fn all_passed(&self) -> bool {
        let mut loops = LoopName::ALL.iter();
        loops.all(|name| self.of_loop(*name, |state| state.has_passed()) == Some(true))
    }

    /// How many rows a loop leaves alone, since they make their page fail.
    pub(crate) fn set_aside(&self, name: LoopName, rows: usize) {
        self.of_loop(name, |state| state.set_aside(rows, name.as_str()));
    }

    pub(crate) fn rows_set_aside(&self) -> usize {
        let rows = |name: &LoopName| self.of_loop(*name, |state| state.set_aside);
        LoopName::ALL.iter().filter_map(rows).sum()
    }

    pub(crate) fn measured(&self, figures: Figures) {
        *lock(&self.figures) = Some((Instant::now(), figures));
    }

    pub(crate) fn audited(&self, verified: i64, fault: Option<&AuditFault>) {
        lock(&self.audit).audited(verified, fault);
        gauge!("leasehold_audit_chain_broken").set(f64::from(u8::from(fault.is_some())));
    }

    pub(crate) fn loop_state(&self, name: LoopName) -> LoopState {
        self.of_loop(name, |state| state.clone())
            .unwrap_or_default()
    }

    pub(crate) fn database(&self) -> DatabaseState {
        lock(&self.database).clone()
    }

    pub(crate) fn figures(&self) -> Option<(Duration, Figures)> {
        let figures = lock(&self.figures);
        figures
            .as_ref()
            .map(|(at, figures)| (at.elapsed(), figures.clone()))
    }

    pub(crate) fn audit(&self) -> AuditState {
        lock(&self.audit).clone()
    }
}
