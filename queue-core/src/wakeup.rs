//! Hints that there may be work. A lost hint costs latency, never a job: everyone polls as well.

use std::sync::Arc;

use tokio::sync::watch;

/// The sending side: a store rings it after each commit that made a job claimable.
#[derive(Debug, Clone)]
pub struct Wakeups(Arc<watch::Sender<u64>>);

impl Default for Wakeups {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

impl Wakeups {
    /// Wakes everyone who listens; hints that nobody waits for merge into one.
    pub fn ring(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Whether anyone listens: if not, a store need not tell other processes either.
    #[must_use]
    pub fn has_listeners(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Listens for hints from now on.
    #[must_use]
    pub fn listen(&self) -> WakeupListener {
        WakeupListener(self.0.subscribe())
    }
}

/// The receiving side.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let wakeups = queue_core::Wakeups::default();
/// let mut listener = wakeups.listen();
/// wakeups.ring();
/// wakeups.ring();
/// listener.woken().await; // returns at once: there was a hint
/// assert!(!listener.is_woken(), "both hints were one");
/// # }
/// ```
#[derive(Debug)]
pub struct WakeupListener(watch::Receiver<u64>);

impl WakeupListener {
    /// Waits for a hint; one that came since the last call counts. Never returns once the store is
    /// gone, so that it can stand in a `select!` beside a timer.
    pub async fn woken(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Whether a hint came since the last call of [`Self::woken`].
    #[must_use]
    pub fn is_woken(&self) -> bool {
        self.0.has_changed().unwrap_or(false)
    }
}
