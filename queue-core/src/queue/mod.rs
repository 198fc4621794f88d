//! The way in: a handle that services keep and clone.

mod contracts;
mod enqueue;
mod job;

use std::fmt;
use std::sync::Arc;

pub use enqueue::Enqueue;
pub use job::{DEFAULT_QUEUE, IntoJob, InvalidJob, Job};

use crate::contract::Contract;
use crate::middleware::{Middleware, Refusal};
use crate::{
    Claimed, Code, Completion, EnqueueBatch, Enqueued, InvalidBatch, JobError, NewJob, Store,
    StoreError, telemetry,
};
use contracts::Contracts;

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
    contracts: Arc<Contracts>,
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
            contracts: Arc::default(),
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

    /// Holds jobs of a kind to a contract, also those that have no [`Job`] type: their payloads are put
    /// right and checked when they are enqueued by this handle and its clones from now on, and before
    /// workers made from them run them.
    ///
    /// ```
    /// use queue_core::contract::{Contract, Field, Integer, Object};
    /// use queue_core::{
    ///     EnqueueError, InvalidJob, KindName, NewJob, Payload, Queue, QueueName, memory::MemoryStore,
    /// };
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let order = Object::of([Field::required("order", Integer::new().at_least(1))]);
    /// let order = Contract::of("order", order).build()?;
    /// let queue = Queue::new(MemoryStore::default()).with_contract("send_invoice", order);
    ///
    /// let body = r#"{"order": 0}"#; // from outside
    /// let payload = Payload::new(body, "application/json")?;
    /// let job = NewJob::new(QueueName::new("mail")?, KindName::new("send_invoice")?, payload);
    /// let Err(EnqueueError::Invalid(InvalidJob::Contract { rejection, .. })) = queue.enqueue(job).await
    /// else {
    ///     panic!("no order has this number");
    /// };
    /// assert_eq!(rejection.problem().diagnostics[0].path, "/order");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_contract(mut self, kind: &str, contract: Contract) -> Self {
        Arc::make_mut(&mut self.contracts).payload(kind, contract);
        self
    }

    /// As [`Self::with_contract`], for the results of jobs: a handler whose result does not keep it has
    /// failed for good, with `OUTCOME_REFUSED`.
    #[must_use]
    pub fn with_result_contract(mut self, kind: &str, contract: Contract) -> Self {
        Arc::make_mut(&mut self.contracts).result(kind, contract);
        self
    }

    /// What a type says of its own kind, unless something else was said of that.
    pub(crate) fn hold_to_contracts_of<J: Job>(&mut self) {
        let of_type = Contracts::of_type::<J>();
        Arc::make_mut(&mut self.contracts).add(of_type);
    }

    /// The store behind it.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub(crate) fn contracts(&self) -> &Contracts {
        &self.contracts
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

    /// Passes a job through the middleware, and by the contract of its kind.
    pub(crate) fn see(&self, job: &mut NewJob) -> Result<(), EnqueueError> {
        for middleware in self.middleware.iter() {
            middleware.enqueue(job).map_err(EnqueueError::Refused)?;
        }
        Ok(self.contracts.admit(job)?)
    }

    /// What a handler came to, on its way into the store: its result by the contract of the kind, and
    /// what follows as all other jobs.
    pub(crate) fn conclude(
        &self,
        job: &Claimed,
        completion: &mut Completion,
    ) -> Result<(), JobError> {
        self.contracts
            .conclude(&job.kind, &job.headers, completion)?;
        for follow_up in &mut completion.follow_ups {
            self.see(follow_up)?;
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
