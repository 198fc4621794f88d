//! What the loops of one worker share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, mpsc};

use crate::telemetry::KindMeters;
use crate::worker::crew::Crew;
use crate::worker::handler::Handler;
use crate::worker::hands::Hands;
use crate::worker::holding::Holding;
use crate::worker::pace::Pace;
use crate::worker::report::Tally;
use crate::{
    Act, Context, JobState, Kind, KindName, Queue, QueueName, Schedule, Store, Transition,
    WorkerName,
};

pub(crate) struct Core<S> {
    pub(crate) queue: Queue,
    pub(crate) state: Arc<S>,
    pub(crate) name: WorkerName,
    pub(crate) kinds: HashMap<KindName, Known<S>>,
    pub(crate) sources: Vec<Source>,
    pub(crate) schedules: Vec<Schedule>,
    /// For what the worker changes when it starts.
    pub(crate) start: Act,
    pub(crate) settings: Settings,
    pub(crate) hands: Hands,
    pub(crate) pace: Pace,
    pub(crate) tally: Tally,
    pub(crate) due: Due,
    pub(crate) ended: mpsc::UnboundedSender<Ended>,
    pub(crate) crew: Arc<Crew>,
    /// For middleware, which knows no state.
    pub(crate) stateless: Arc<()>,
}

/// A kind that this worker can run.
pub(crate) struct Known<S> {
    pub(crate) kind: Kind,
    pub(crate) handler: Box<dyn Handler<S>>,
    /// Of the queue that its jobs wait in if nobody says otherwise.
    usual: Arc<KindMeters>,
    others: Mutex<HashMap<QueueName, Arc<KindMeters>>>,
}

impl<S> Known<S> {
    pub(crate) fn new(kind: Kind, handler: Box<dyn Handler<S>>) -> Self {
        Self {
            usual: Arc::new(KindMeters::new(&kind.queue, &kind.name)),
            others: Mutex::default(),
            kind,
            handler,
        }
    }

    /// What is counted of its jobs in a queue.
    pub(crate) fn meters(&self, queue: &QueueName) -> Arc<KindMeters> {
        if *queue == self.kind.queue {
            return Arc::clone(&self.usual);
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(KindMeters::new(queue, &self.kind.name));
        Arc::clone(others.entry(queue.clone()).or_insert_with(new))
    }
}

/// What is claimed together: a claim has one length of lease.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) queues: Vec<QueueName>,
    pub(crate) kinds: Vec<KindName>,
    pub(crate) lease: Duration,
}

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) concurrency: usize,
    pub(crate) most_ahead: usize,
    pub(crate) sweep_every: Option<Duration>,
    pub(crate) escalations: Arc<crate::Escalations>,
    pub(crate) fires: bool,
    pub(crate) soft_stop: Duration,
    pub(crate) hard_stop: Duration,
    /// What a handler has left after its deadline.
    pub(crate) grace: Duration,
}

/// An attempt that ended, on its way to the settlement.
pub(crate) struct Ended {
    pub(crate) holding: Arc<Holding>,
    pub(crate) how: How,
}

/// How an attempt ended.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are the large one, and a box would cost each of them"
)]
pub(crate) enum How {
    /// This is to be written.
    Settle(Transition),
    /// The handler has settled it in a transaction of its own.
    Settled(JobState),
}

impl<S> Core<S> {
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        self.queue.store()
    }

    /// Every job that is claimed is of a kind that was asked for.
    pub(crate) fn known(&self, kind: &KindName) -> Option<&Known<S>> {
        self.kinds.get(kind)
    }

    pub(crate) fn context(&self, holding: &Arc<Holding>, deadline: Option<Instant>) -> Context<S> {
        let state = Arc::clone(&self.state);
        Context::new(Arc::clone(holding), self.queue.clone(), state, deadline)
    }

    /// Sends an attempt to the settlement, unless it is on its way there already.
    pub(crate) fn end(&self, holding: Arc<Holding>, how: How) {
        if !holding.end() {
            return;
        }
        // Nobody settles any more only when the worker was dropped: the lease runs out then.
        drop(self.ended.send(Ended { holding, how }));
    }
}

/// When a job may be claimed that this worker has put back itself: known without a look.
#[derive(Debug, Default)]
pub(crate) struct Due {
    earliest: Mutex<Option<Instant>>,
    earlier: Notify,
}

impl Due {
    /// So far ahead that this process cannot count it: others will see to it.
    pub(crate) fn after(&self, delay: Duration) {
        let Some(moment) = Instant::now().checked_add(delay) else {
            return;
        };
        let mut earliest = self.earliest.lock().unwrap_or_else(PoisonError::into_inner);
        if earliest.is_none_or(|known| moment < known) {
            *earliest = Some(moment);
            self.earlier.notify_one();
        }
    }

    /// Waits for the moment. Only the earliest is kept: what comes after it is found by the looks
    /// that are frequent after work was found.
    pub(crate) async fn come(&self) {
        loop {
            let earliest = *self.earliest.lock().unwrap_or_else(PoisonError::into_inner);
            let wait = async {
                match earliest {
                    Some(moment) => tokio::time::sleep_until(moment.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = wait => {
                    *self.earliest.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    return;
                }
                () = self.earlier.notified() => {}
            }
        }
    }
}
