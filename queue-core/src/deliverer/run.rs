//! A deliverer's life.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::builder::{DelivererBuilder, DelivererError};
use super::core::{Core, Outlets};
use super::hands::Hands;
use super::report::DeliveryReport;
use super::watch::DelivererWatch;
use super::{gauges, incidents, phases, reconcile, serve, settle};
use crate::{Store, StoreError};

/// How long the last marks may take to be written.
const LAST_MARKS: Duration = Duration::from_secs(10);
/// How often the outbox is measured.
const MEASURE_EVERY: Duration = Duration::from_secs(15);

/// What a deliverer is told beside its channels.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) reconcile_every: Duration,
    pub(crate) resolve_every: Duration,
    pub(crate) grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reconcile_every: Duration::from_secs(5),
            resolve_every: Duration::from_secs(15),
            grace: Duration::from_secs(30),
        }
    }
}

/// Sends what is in the outbox, through channels: in a service, beside its worker, or in a daemon. Any
/// number of processes may do so at once.
///
/// ```
/// use queue_core::channel::FileChannel;
/// use queue_core::memory::MemoryStore;
/// use queue_core::{Deliverer, NewNotification, NotificationState, OutboxStore, Payload, PublishBatch};
/// # use queue_core::{ChannelName, Intent, Purpose, Recipient, Revision, Subject};
/// # use std::sync::Arc;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let intent = Intent {
/// #     channel: ChannelName::new("log")?,
/// #     purpose: Purpose::new("invoice")?,
/// #     subject: Subject::new("order:42")?,
/// #     recipient: Recipient::new("ada@example.org")?,
/// #     revision: Revision::new(1),
/// # };
/// let store = Arc::new(MemoryStore::default());
/// let invoice = NewNotification::new(intent, Payload::new("Dear Ada, …", "text/plain")?);
/// let id = store.publish(PublishBatch::new(vec![invoice])?).await?[0].id();
///
/// let deliverer = Deliverer::builder(store.clone()).channel("log", FileChannel::stdout()).build()?;
/// let report = deliverer.drain().await?; // `run` goes on until it is told to stop
/// assert_eq!(report.sent, 1);
/// let row = store.notification(id).await?.ok_or("it is there")?;
/// assert_eq!(row.state, NotificationState::Sent);
/// # Ok(())
/// # }
/// ```
pub struct Deliverer {
    core: Arc<Core>,
    settings: Settings,
    turn: Mutex<()>,
}

/// The loops behind every send: what they hear from, and they.
struct Backstage {
    outlets: Outlets,
    loops: JoinSet<()>,
}

impl Deliverer {
    /// A deliverer on a store.
    pub fn builder(store: Arc<dyn Store>) -> DelivererBuilder {
        DelivererBuilder::new(store)
    }

    pub(crate) fn new(core: Core, settings: Settings) -> Self {
        Self {
            core: Arc::new(core),
            settings,
            turn: Mutex::default(),
        }
    }

    /// How it is, from outside, also while it runs.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use queue_core::channel::FileChannel;
    /// use queue_core::{Deliverer, memory::MemoryStore};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = Arc::new(MemoryStore::default());
    /// let deliverer = Deliverer::builder(store).channel("log", FileChannel::stdout()).build()?;
    /// let watch = deliverer.watch();
    /// assert_eq!(watch.channels()[0].channel.as_str(), "log");
    /// assert!(watch.stuck(Duration::ZERO).is_empty());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn watch(&self) -> DelivererWatch {
        DelivererWatch::new(Arc::clone(&self.core))
    }

    /// Delivers until `shutdown` ends. Then nothing more is leased; what was leased ahead goes back, and
    /// sends that are under way may end within the [grace](DelivererBuilder::grace). Those that still
    /// wait for an answer then are in doubt.
    ///
    /// A database that does not answer ends nothing: the deliverer goes on when it is back.
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()>,
    ) -> Result<DeliveryReport, DelivererError> {
        let core = &self.core;
        let mut backstage = self.backstage();
        let stop = CancellationToken::new();
        let mut lanes = JoinSet::new();
        for lane in &core.lanes {
            let outlets = backstage.outlets.clone();
            lanes.spawn(serve::serve(
                Arc::clone(core),
                Arc::clone(lane),
                outlets,
                stop.clone(),
            ));
        }
        let mut upkeep = JoinSet::new();
        let settings = &self.settings;
        for lane in &core.lanes {
            upkeep.spawn(reconcile::reconcile(
                Arc::clone(core),
                Arc::clone(lane),
                Arc::clone(&backstage.outlets.hands),
                settings.reconcile_every,
                stop.clone(),
            ));
        }
        let resolve = incidents::resolve(Arc::clone(core), settings.resolve_every, stop.clone());
        upkeep.spawn(resolve);
        upkeep.spawn(gauges::measure(
            Arc::clone(core),
            MEASURE_EVERY,
            stop.clone(),
        ));

        let failed = tokio::select! {
            () = shutdown => None,
            ended = lanes.join_next() => served(ended),
            ended = upkeep.join_next() => panicked(ended),
            ended = backstage.loops.join_next() => panicked(ended),
        };
        stop.cancel();
        let all = async { while lanes.join_next().await.is_some() {} };
        if tokio::time::timeout(settings.grace, all).await.is_err() {
            let sends = backstage.outlets.hands.count();
            tracing::warn!(sends, "sends did not end in time: they are dropped");
            backstage.outlets.drop.cancel();
            while lanes.join_next().await.is_some() {}
        }
        upkeep.shutdown().await;
        backstage.end().await;
        failed.map_or_else(|| Ok(core.tally.report()), Err)
    }

    /// Delivers what is due now, takes up what is in doubt, ends incidents whose cause is gone, and
    /// returns: for tests, and for programs that run now and then. Channels that take a break are left
    /// out. The report is of all that this deliverer has done.
    pub async fn drain(&self) -> Result<DeliveryReport, DelivererError> {
        self.drain_until(std::future::pending()).await
    }

    /// As [`drain`](Self::drain), and not beyond the page that is under way when `shutdown` ends: what was
    /// leased for it is sent.
    pub async fn drain_until(
        &self,
        shutdown: impl Future<Output = ()>,
    ) -> Result<DeliveryReport, DelivererError> {
        // One at a time: two would hold the same rows.
        let _turn = self.turn.lock().await;
        let core = &self.core;
        let mut backstage = self.backstage();
        let outlets = backstage.outlets.clone();
        let stop = CancellationToken::new();
        let work = async {
            loop {
                let mut rows = 0;
                for lane in &core.lanes {
                    if stop.is_cancelled() {
                        return Ok(());
                    }
                    rows += reconcile::pass(core, lane, &outlets.hands).await?;
                    rows += serve::pass(core, lane, &outlets).await?;
                }
                // What was sent must be marked before it is known what is left.
                outlets.hands.empty().await;
                if rows == 0 && incidents::resolve_incidents(&*core.store).await? == 0 {
                    return Ok(());
                }
            }
        };
        let told = async {
            shutdown.await;
            stop.cancel();
            std::future::pending::<()>().await;
        };
        let result: Result<(), DelivererError> = tokio::select! {
            result = work => result,
            () = told => Ok(()),
            ended = backstage.loops.join_next() => panicked(ended).map_or(Ok(()), Err),
        };
        drop(outlets);
        backstage.end().await;
        result.map(|()| core.tally.report())
    }

    fn backstage(&self) -> Backstage {
        let (passes, to_pass) = mpsc::unbounded_channel();
        let (done, ended) = mpsc::unbounded_channel();
        let mut loops = JoinSet::new();
        let hands = Arc::new(Hands::default());
        let (core, held) = (&self.core, &hands);
        loops.spawn(phases::write(Arc::clone(core), Arc::clone(held), to_pass));
        loops.spawn(settle::settle(Arc::clone(core), Arc::clone(held), ended));
        Backstage {
            outlets: Outlets {
                passes,
                done,
                hands,
                drop: CancellationToken::new(),
            },
            loops,
        }
    }
}

impl Backstage {
    /// Lets the loops end when they have written what there is.
    async fn end(self) {
        let Self { outlets, mut loops } = self;
        let hands = Arc::clone(&outlets.hands);
        drop(outlets);
        let all = async { while loops.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST_MARKS, all).await.is_err() {
            let notifications = hands.count();
            tracing::error!(
                notifications,
                "not marked at the end: they are reconciled later"
            );
        }
    }
}

/// Why a channel is not served any more.
fn served(
    ended: Option<Result<Result<(), StoreError>, tokio::task::JoinError>>,
) -> Option<DelivererError> {
    match ended {
        Some(Ok(Err(error))) => Some(error.into()),
        Some(Ok(Ok(()))) => panicked(Some(Ok(()))),
        Some(Err(error)) => panicked(Some(Err(error))),
        None => panicked(None),
    }
}

fn panicked(ended: Option<Result<(), tokio::task::JoinError>>) -> Option<DelivererError> {
    let text = match ended {
        Some(Err(error)) => error.to_string(),
        _ => "it ended by itself".to_owned(),
    };
    Some(DelivererError::Panicked(text))
}

impl fmt::Debug for Deliverer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels = self.core.lanes.iter().map(|lane| lane.name.as_str());
        f.debug_struct("Deliverer")
            .field("name", &self.core.name)
            .field("channels", &channels.collect::<Vec<_>>())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
