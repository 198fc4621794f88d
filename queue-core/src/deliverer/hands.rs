//! The leased rows that one run of the deliverer has in its hands.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::held::Held;
use crate::{Notification, NotificationId};

/// Rows by their ids. A row that was let go may be leased again by the same run before the old hold of it
/// has ended: each hold is told from the other.
#[derive(Debug, Default)]
pub(crate) struct Hands {
    held: Mutex<HashMap<NotificationId, Arc<Held>>>,
    gone: Notify,
}

impl Hands {
    pub(crate) fn hold(&self, held: &[Arc<Held>]) {
        let mut hands = self.lock();
        hands.extend(held.iter().map(|held| (held.row.id, Arc::clone(held))));
    }

    pub(crate) fn let_go(&self, ended: &[Arc<Held>]) {
        let mut hands = self.lock();
        for held in ended {
            if hands
                .get(&held.row.id)
                .is_some_and(|there| Arc::ptr_eq(there, held))
            {
                hands.remove(&held.row.id);
            }
        }
        drop(hands);
        self.gone.notify_waiters();
    }

    /// Whether a row, as it is, is in these hands: its answer may still come.
    pub(crate) fn has(&self, row: &Notification) -> bool {
        let hands = self.lock();
        hands
            .get(&row.id)
            .is_some_and(|held| held.row.fence == row.fence)
    }

    pub(crate) fn all(&self) -> Vec<Arc<Held>> {
        self.lock().values().cloned().collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Waits until nothing is held any more.
    pub(crate) async fn empty(&self) {
        loop {
            let gone = self.gone.notified();
            tokio::pin!(gone);
            gone.as_mut().enable();
            if self.lock().is_empty() {
                return;
            }
            gone.await;
        }
    }

    /// A panic while the lock was held is a bug that has been reported already.
    fn lock(&self) -> MutexGuard<'_, HashMap<NotificationId, Arc<Held>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
