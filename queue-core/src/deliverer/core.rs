//! What the loops share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::held::Held;
use super::lane::Lane;
use super::phases::Pass;
use super::report::Tally;
use super::settle::Done;
use crate::{
    ErrorClass, Escalations, Event, Notification, NotificationId, Purpose, Raise, Signal, Store,
    WorkerName,
};

pub(crate) struct Core {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) name: WorkerName,
    pub(crate) lanes: Vec<Arc<Lane>>,
    pub(crate) escalations: Escalations,
    pub(crate) tally: Tally,
    held: Mutex<HashMap<NotificationId, Arc<Held>>>,
    gone: Notify,
}

/// What a send hands on.
#[derive(Debug, Clone)]
pub(crate) struct Outlets {
    pub(crate) passes: mpsc::UnboundedSender<Pass>,
    pub(crate) done: mpsc::UnboundedSender<Done>,
    /// Sends are to be dropped.
    pub(crate) drop: CancellationToken,
}

impl Core {
    pub(crate) fn new(
        store: Arc<dyn Store>,
        name: WorkerName,
        lanes: Vec<Arc<Lane>>,
        escalations: Escalations,
    ) -> Self {
        Self {
            store,
            name,
            lanes,
            escalations,
            tally: Tally::default(),
            held: Mutex::default(),
            gone: Notify::new(),
        }
    }

    pub(crate) fn lane(&self, row: &Notification) -> Option<&Arc<Lane>> {
        let of_row = |lane: &&Arc<Lane>| lane.name == row.intent.channel;
        self.lanes.iter().find(of_row)
    }

    /// What a happening to a row raises. What tells of incidents raises none: it would tell of itself.
    pub(crate) fn raises(&self, row: &Notification, event: Event, class: ErrorClass) -> Vec<Raise> {
        let purpose = &row.intent.purpose;
        if *purpose == Purpose::escalation() || *purpose == Purpose::resolution() {
            tracing::error!(
                notification = %row.id, channel = %row.intent.channel, error_class = %class,
                "an escalation itself is not delivered"
            );
            return Vec::new();
        }
        let channel = row.intent.channel.clone();
        self.escalations
            .raises(&Signal::on_channel(event, channel, class))
    }

    pub(crate) fn hold(&self, held: &[Arc<Held>]) {
        let mut hands = self.hands();
        hands.extend(held.iter().map(|held| (held.row.id, Arc::clone(held))));
    }

    pub(crate) fn let_go<'a>(&self, ids: impl IntoIterator<Item = &'a NotificationId>) {
        let mut hands = self.hands();
        for id in ids {
            hands.remove(id);
        }
        drop(hands);
        self.gone.notify_waiters();
    }

    /// Waits until nothing is held any more.
    pub(crate) async fn empty_handed(&self) {
        loop {
            let gone = self.gone.notified();
            tokio::pin!(gone);
            gone.as_mut().enable();
            if self.hands().is_empty() {
                return;
            }
            gone.await;
        }
    }

    pub(crate) fn held(&self) -> Vec<Arc<Held>> {
        self.hands().values().cloned().collect()
    }

    pub(crate) fn held_count(&self) -> usize {
        self.hands().len()
    }

    fn hands(&self) -> MutexGuard<'_, HashMap<NotificationId, Arc<Held>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
