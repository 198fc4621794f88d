//! Open connections between mails.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::connection::Connection;

/// Connections that wait for another mail, the one used last on top.
#[derive(Debug)]
pub(super) struct Pool {
    waiting: Mutex<Vec<Connection>>,
    idle: Duration,
    swept: AtomicBool,
}

impl Pool {
    pub(super) fn new(idle: Duration) -> Arc<Self> {
        Arc::new(Self {
            waiting: Mutex::new(Vec::new()),
            idle,
            swept: AtomicBool::new(false),
        })
    }

    /// The one used last: the others may grow old.
    pub(super) fn take(&self) -> Option<Connection> {
        let taken = self.lock().pop()?;
        if taken.used.elapsed() < self.idle {
            return Some(taken);
        }
        // What lies below was used before.
        let old = std::mem::take(&mut *self.lock());
        old.into_iter()
            .chain([taken])
            .for_each(|one| one.part("idle"));
        None
    }

    pub(super) fn put(self: &Arc<Self>, connection: Connection) {
        self.lock().push(connection);
        if !self.swept.swap(true, Ordering::AcqRel) {
            let pool = Arc::downgrade(self);
            tokio::spawn(async move {
                let mut next = Instant::now();
                loop {
                    sleep_until(next).await;
                    // The channel may be gone, and its connections with it.
                    let Some(pool) = pool.upgrade() else { break };
                    match pool.sweep() {
                        Some(oldest) => next = oldest,
                        None => break,
                    }
                }
            });
        }
    }

    /// Parts from what is too old, and says when there will be more of it.
    fn sweep(&self) -> Option<Instant> {
        let mut waiting = self.lock();
        let old = waiting.partition_point(|one| one.used.elapsed() >= self.idle);
        let old: Vec<_> = waiting.drain(..old).collect();
        let next = waiting.first().map(|one| one.used + self.idle);
        if next.is_none() {
            // Under the lock: whoever puts the next one starts the next sweep.
            self.swept.store(false, Ordering::Release);
        }
        drop(waiting);
        old.into_iter().for_each(|one| one.part("idle"));
        next
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
