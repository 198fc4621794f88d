//! What handlers do.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::sync::mpsc;

static RUNS: AtomicU64 = AtomicU64::new(0);
static LISTENER: OnceLock<mpsc::UnboundedSender<Instant>> = OnceLock::new();

/// A job runs: all that a handler does.
pub fn ran() {
    RUNS.fetch_add(1, Ordering::Relaxed);
    if let Some(listener) = LISTENER.get() {
        // Nobody listens any more when all that were of interest have run.
        let _ = listener.send(Instant::now());
    }
}

/// How many have run in this process.
pub(crate) fn count() -> u64 {
    RUNS.load(Ordering::Relaxed)
}

/// The moments at which jobs run, from now on. A process listens once.
pub(crate) fn listen() -> mpsc::UnboundedReceiver<Instant> {
    let (sender, moments) = mpsc::unbounded_channel();
    // A second listener hears that nothing will come.
    let _ = LISTENER.set(sender);
    moments
}
