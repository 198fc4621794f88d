//! The way in: a handle that services keep and clone.

mod enqueue;
mod job;

use std::fmt;
use std::sync::Arc;

pub use enqueue::Enqueue;
pub use job::{DEFAULT_QUEUE, IntoJob, InvalidJob, Job};

use crate::middleware::{Middleware, Refusal};
use crate::{Code, EnqueueBatch, Enqueued, InvalidBatch, NewJob, Store, StoreError, telemetry};

/// A store as services see it: they enqueue by it, and workers take from it. Clones share the store.
///
/// ```
/// use queue_core::{Job, Queue, memory::MemoryStore};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct SendInvoice { order: u64 }
///
/// impl Job for SendInvoice {
///     const KIND: &'static str = "send_invoice";
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let queue = Queue::new(MemoryStore::default()); // or a SqliteStore, or a PostgresStore
/// queue.enqueue(SendInvoice { order: 42 }).await?;
/// let many = (0..100).map(|order| SendInvoice { order });
/// assert_eq!(queue.enqueue_all(many).await?.len(), 100);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Queue {
    store: Arc<dyn Store>,
    middleware: Arc<[Arc<dyn Middleware>]>,
}

impl Queue {
    /// The queue in a store.
    #[must_use]
    pub fn new(store: impl Store) -> Self {
        Self::shared(Arc::new(store))
    }

    /// The queue in a store that others hold too.
    #[must_use]
    pub fn shared(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            middleware: Arc::default(),
        }
    }

    /// Adds a layer around what is enqueued by this handle and its clones from now on, and around
    /// what is executed by workers made from them. The first one added is the outermost.
    #[must_use]
    pub fn with(mut self, middleware: impl Middleware) -> Self {
        let added = std::iter::once(Arc::new(middleware) as Arc<dyn Middleware>);
        self.middleware = self.middleware.iter().cloned().chain(added).collect();
        self
    }

    /// The store behind it.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub(crate) fn middleware(&self) -> &Arc<[Arc<dyn Middleware>]> {
        &self.middleware
    }

    /// One job; await what this returns, after saying more of it if need be.
    pub fn enqueue(&self, job: impl IntoJob) -> Enqueue<'_> {
        Enqueue::new(self, job)
    }

    /// Many jobs, all or none, in one transaction: up to 10,000.
    pub async fn enqueue_all<J: IntoJob>(
        &self,
        jobs: impl IntoIterator<Item = J>,
    ) -> Result<Vec<Enqueued>, EnqueueError> {
        let mut jobs = jobs.into_iter().peekable();
        if jobs.peek().is_none() {
            return Ok(Vec::new());
        }
        self.store_batch(self.batch(jobs)?).await
    }

    /// As [`Self::enqueue_all`], for a transaction of the caller's:
    /// `store.enqueue_in(&mut tx, &queue.batch(jobs)?)`.
    pub fn batch<J: IntoJob>(
        &self,
        jobs: impl IntoIterator<Item = J>,
    ) -> Result<EnqueueBatch, EnqueueError> {
        let jobs = jobs.into_iter().map(IntoJob::into_job);
        self.admit(jobs.collect::<Result<_, _>>()?)
    }

    /// Passes jobs through the middleware, and checks them together.
    pub(crate) fn admit(&self, mut jobs: Vec<NewJob>) -> Result<EnqueueBatch, EnqueueError> {
        for job in &mut jobs {
            self.see(job)?;
        }
        Ok(match <[NewJob; 1]>::try_from(jobs) {
            // Its size was checked with its payload, by a limit that its maker may have raised.
            Ok([job]) => EnqueueBatch::one(job),
            Err(jobs) => EnqueueBatch::new(jobs).map_err(InvalidJob::from)?,
        })
    }

    /// Passes a job through the middleware.
    pub(crate) fn see(&self, job: &mut NewJob) -> Result<(), EnqueueError> {
        for middleware in self.middleware.iter() {
            middleware.enqueue(job).map_err(EnqueueError::Refused)?;
        }
        Ok(())
    }

    pub(crate) async fn one(&self, batch: EnqueueBatch) -> Result<Enqueued, EnqueueError> {
        let answers = self.store_batch(batch).await?;
        match answers.into_iter().next() {
            Some(answer) => Ok(answer),
            // Every store answers each job; a store that does not is not to be trusted with more.
            None => Err(StoreError::Corrupt {
                detail: "the store did not say what became of the job".to_owned(),
            }
            .into()),
        }
    }

    async fn store_batch(&self, batch: EnqueueBatch) -> Result<Vec<Enqueued>, EnqueueError> {
        let kinds = telemetry::kinds_of(batch.jobs());
        let answers = self.store.enqueue(batch).await?;
        telemetry::enqueued(&kinds, &answers);
        Ok(answers)
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("store", &self.store)
            .field("middleware", &self.middleware.len())
            .finish()
    }
}

/// Why a job was not enqueued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnqueueError {
    /// No store would take it: a bug of the caller's, or of what the caller was given.
    #[error(transparent)]
    Invalid(#[from] InvalidJob),
    /// A middleware did not let it in.
    #[error("a middleware refused the job: {0}")]
    Refused(#[source] Refusal),
    /// The store could not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EnqueueError {
    /// A stable reason code: what kept the job out.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(error) => error.code(),
            Self::Refused(_) => Code::RefusedByMiddleware.as_str(),
            Self::Store(error) => error.code(),
        }
    }

    /// Whether the same call may succeed later without anyone's help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }
}

impl From<InvalidBatch> for EnqueueError {
    fn from(error: InvalidBatch) -> Self {
        Self::Invalid(error.into())
    }
}
