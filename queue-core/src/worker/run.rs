//! A worker's life: started, stopped in stages, and what it reports.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::worker::core::{Core, Ended, How};
use crate::worker::crew::Dismissal;
use crate::worker::execute::decided;
use crate::worker::{fetch, inline, renew, schedules, settle, sweep};
use crate::{
    Cancellation, Outcome, Queue, Report, RetryPolicy, StoreError, WorkerBuilder, WorkerError,
    WorkerName,
};

/// Runs jobs of the kinds that it has handlers for.
///
/// ```
/// use queue_core::{Context, Job, JobError, Queue, Worker, memory::MemoryStore};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct SendInvoice { order: u64 }
/// impl Job for SendInvoice { const KIND: &'static str = "send_invoice"; }
///
/// async fn send_invoice(job: SendInvoice, ctx: Context) -> Result<(), JobError> {
///     println!("order {}, attempt {}", job.order, ctx.attempt());
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let queue = Queue::new(MemoryStore::default());
/// queue.enqueue(SendInvoice { order: 42 }).await?;
/// let worker = Worker::builder(queue).handle(send_invoice).concurrency(16).build()?;
/// # let store = worker.queue().store().clone();
/// # let shutdown = async move {
/// #     while !store.stats().await.unwrap().queues.is_empty() { tokio::task::yield_now().await }
/// # };
/// let report = worker.run(shutdown).await?; // a future that ends when the process is to stop
/// assert_eq!(report.succeeded, 1);
/// # Ok(())
/// # }
/// ```
pub struct Worker<S = ()> {
    pub(crate) core: Arc<Core<S>>,
    pub(crate) ended: mpsc::UnboundedReceiver<Ended>,
}

impl Worker {
    /// A worker on a queue, whose handlers share nothing but what they capture.
    #[must_use]
    pub fn builder(queue: Queue) -> WorkerBuilder {
        Self::builder_with(queue, ())
    }

    /// A worker whose handlers share a state: see [`Context::state`](crate::Context::state).
    #[must_use]
    pub fn builder_with<S: Send + Sync + 'static>(queue: Queue, state: S) -> WorkerBuilder<S> {
        WorkerBuilder::new(queue, state)
    }
}

/// How long a claim may take when the worker is to stop.
const LAST_CLAIM: Duration = Duration::from_secs(5);
/// How long the last outcomes may take to be written.
const LAST_OUTCOMES: Duration = Duration::from_secs(10);

impl<S: Send + Sync + 'static> Worker<S> {
    /// The queue it works on.
    #[must_use]
    pub fn queue(&self) -> &Queue {
        &self.core.queue
    }

    /// How it is known to the store and to operators.
    #[must_use]
    pub fn name(&self) -> &WorkerName {
        &self.core.name
    }

    /// Works until `shutdown` ends. Then it claims nothing more and lets the handlers finish; those
    /// that still run after the soft timeout are told to stop, those that still run after the hard
    /// one are dropped. What was not finished goes back at once and has used up no attempt.
    ///
    /// A database that does not answer ends nothing: the worker goes on when it is back.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<Report, WorkerError> {
        let Self { core, ended } = self;
        core.crew.start()?;
        let _dismissal = Dismissal(Arc::clone(&core.crew));
        let stop = CancellationToken::new();
        let mut loops: JoinSet<Result<(), StoreError>> = JoinSet::new();
        loops.spawn(fetch::fetch(Arc::clone(&core), stop.clone()));
        let mut upkeep = JoinSet::new();
        upkeep.spawn(renew::renew(Arc::clone(&core)));
        if let Some(every) = core.settings.sweep_every {
            upkeep.spawn(sweep::sweep(Arc::clone(&core), every));
        }
        if core.settings.fires {
            upkeep.spawn(schedules::fire(Arc::clone(&core)));
        }
        let mut settling = JoinSet::new();
        let settled = CancellationToken::new();
        settling.spawn(settle::settle(Arc::clone(&core), ended, settled.clone()));

        let failed = tokio::select! {
            () = shutdown => None,
            result = loops.join_next() => fetch_ended(result),
            result = upkeep.join_next() => panicked(result),
            result = settling.join_next() => panicked(result),
        };
        stop.cancel();
        // A claim that is under way is waited for, unless the database does not answer.
        drop(tokio::time::timeout(LAST_CLAIM, loops.join_next()).await);
        loops.shutdown().await;
        wind_down(&core).await;
        settled.cancel();
        let last = tokio::time::timeout(LAST_OUTCOMES, settling.join_next());
        if last.await.is_err() {
            let jobs = core.hands.count();
            tracing::error!(jobs, "not settled at the end: their leases will run out");
        }
        failed.map_or_else(|| Ok(core.tally.report()), Err)
    }

    /// Fires schedules that are due, and runs what can be run now in the caller's task, one job after
    /// the other, and whatever follows from it; returns when there is nothing left. Jobs that wait for
    /// their time are left alone.
    pub async fn drain(&self) -> Result<Report, WorkerError> {
        inline::drain(&self.core).await?;
        Ok(self.core.tally.report())
    }
}

/// Lets handlers finish, then tells them to, then drops them; what is not finished goes back.
async fn wind_down<S: Send + Sync + 'static>(core: &Arc<Core<S>>) {
    renew::give_back(core, Duration::ZERO);
    let settings = &core.settings;
    if tokio::time::timeout(settings.soft_stop, core.hands.quiet())
        .await
        .is_err()
    {
        for holding in core.hands.all() {
            holding.cancel(Cancellation::Shutdown);
        }
        if tokio::time::timeout(settings.hard_stop, core.hands.quiet())
            .await
            .is_err()
        {
            core.crew.dismiss();
        }
    }
    let policy = RetryPolicy::default();
    for holding in core.hands.all() {
        let back = decided(&holding, Outcome::Released, &policy);
        core.end(holding, How::Settle(back));
    }
}

fn fetch_ended(result: Option<Result<Result<(), StoreError>, JoinError>>) -> Option<WorkerError> {
    match result? {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.into()),
        Err(error) => Some(WorkerError::Panicked(error.to_string())),
    }
}

fn panicked(result: Option<Result<(), JoinError>>) -> Option<WorkerError> {
    let text = match result? {
        Ok(()) => "it ended".to_owned(),
        Err(error) => error.to_string(),
    };
    Some(WorkerError::Panicked(text))
}

impl<S> fmt::Debug for Worker<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("name", &self.core.name)
            .field("queue", &self.core.queue)
            .finish_non_exhaustive()
    }
}
