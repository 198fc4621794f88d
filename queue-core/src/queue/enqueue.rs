//! One job on its way in, and what may be said of it.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use crate::{
    EnqueueBatch, EnqueueError, Enqueued, IdempotencyKey, IntoJob, InvalidJob, NewJob, OrderingKey,
    Priority, Queue, QueueName, Revision, Subject, TenantName, Timestamp,
};

/// A job that is about to be enqueued: awaiting it stores it.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{Priority, Queue, memory::MemoryStore};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize)]
/// # struct SendInvoice { order: u64 }
/// # impl queue_core::Job for SendInvoice { const KIND: &'static str = "send_invoice"; }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let queue = Queue::new(MemoryStore::default());
/// let first = queue
///     .enqueue(SendInvoice { order: 42 })
///     .delay(Duration::from_secs(60))
///     .priority(Priority::HIGHEST)
///     .key("invoice 42")
///     .await?;
/// let second = queue.enqueue(SendInvoice { order: 42 }).key("invoice 42").await?;
/// assert!(first.created().is_some());
/// assert!(second.created().is_none(), "it was there already");
/// assert_eq!(first.job(), second.job());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is stored until this is awaited, or its batch is given to a store"]
pub struct Enqueue<'q> {
    queue: &'q Queue,
    job: Result<NewJob, InvalidJob>,
}

impl<'q> Enqueue<'q> {
    pub(crate) fn new(queue: &'q Queue, job: impl IntoJob) -> Self {
        Self {
            queue,
            job: job.into_job(),
        }
    }

    fn with(mut self, set: impl FnOnce(NewJob) -> Result<NewJob, InvalidJob>) -> Self {
        self.job = self.job.and_then(set);
        self
    }

    fn named<N, T>(self, name: T, set: impl FnOnce(NewJob, N) -> NewJob) -> Self
    where
        T: TryInto<N>,
        InvalidJob: From<T::Error>,
    {
        self.with(|job| Ok(set(job, name.try_into()?)))
    }

    /// Into another queue than its type says.
    pub fn queue<T: TryInto<QueueName>>(self, queue: T) -> Self
    where
        InvalidJob: From<T::Error>,
    {
        self.named(queue, |mut job, queue| {
            job.queue = queue;
            job
        })
    }

    /// Before or after others of its queue.
    pub fn priority(self, priority: Priority) -> Self {
        self.with(|job| Ok(job.priority(priority)))
    }

    /// Not before this long from the database's now.
    pub fn delay(self, delay: Duration) -> Self {
        self.with(|job| Ok(job.delay(delay)))
    }

    /// Not before a moment.
    pub fn run_at(self, moment: impl Into<Timestamp>) -> Self {
        self.with(|job| Ok(job.run_at(moment.into())))
    }

    /// The same key again (within the kind) creates nothing and returns this job. Overrides the
    /// type's [`unique_key`](crate::Job::unique_key).
    pub fn key<T: TryInto<IdempotencyKey>>(self, key: T) -> Self
    where
        InvalidJob: From<T::Error>,
    {
        self.named(key, NewJob::idempotent)
    }

    /// As [`Self::key`], remembered for a chosen time.
    pub fn key_for<T: TryInto<IdempotencyKey>>(self, key: T, retention: Duration) -> Self
    where
        InvalidJob: From<T::Error>,
    {
        self.named(key, |job, key| job.idempotent_for(key, retention))
    }

    /// What the job is about, at which revision: one that succeeded already is answered with its job,
    /// and a stale one is refused.
    pub fn about<T: TryInto<Subject>>(self, subject: T, revision: Revision) -> Self
    where
        InvalidJob: From<T::Error>,
    {
        self.named(subject, |job, subject| job.about(subject, revision))
    }

    /// With [`Self::about`]: a higher revision than the one that succeeded is wanted.
    pub fn rerun(self) -> Self {
        self.with(|job| Ok(job.rerun()))
    }

    /// Whose job it is, for fair turns.
    pub fn tenant<T: TryInto<TenantName>>(self, tenant: T) -> Self
    where
        InvalidJob: From<T::Error>,
    {
        self.named(tenant, NewJob::tenant)
    }

    /// One at a time with others of this key in its queue.
    pub fn ordered_by<T: TryInto<OrderingKey>>(self, key: T) -> Self
    where
        InvalidJob: From<T::Error>,
    {
        self.named(key, NewJob::ordered_by)
    }

    /// Attempts per stage, the first one included.
    pub fn max_attempts(self, attempts: u16) -> Self {
        self.with(|job| Ok(job.max_attempts(attempts)))
    }

    /// A small text that travels with the job, beside its payload.
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.with(|job| Ok(job.header(name, value)?))
    }

    /// The batch of this one job, for a transaction of the caller's:
    /// `store.enqueue_in(&mut tx, &queue.enqueue(job).batch()?)`.
    pub fn batch(self) -> Result<EnqueueBatch, EnqueueError> {
        self.queue.admit(vec![self.job?])
    }
}

impl<'q> IntoFuture for Enqueue<'q> {
    type Output = Result<Enqueued, EnqueueError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'q>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let queue = self.queue;
            queue.one(self.batch()?).await
        })
    }
}
