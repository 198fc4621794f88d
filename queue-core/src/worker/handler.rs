//! What runs jobs of a kind, with its type erased.

use std::marker::PhantomData;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::payload::misread;
use crate::{
    Code, Context, DEFAULT_LEASE, DEFAULT_QUEUE, Done, InvalidName, Job, JobError, KindName,
    Payload, QueueName, RetryPolicy,
};

/// What a worker must know of a kind to run its jobs: for kinds that have no [`Job`] type, see
/// [`WorkerBuilder::handle_payload`](crate::WorkerBuilder::handle_payload).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kind {
    /// Its name.
    pub name: KindName,
    /// Where its jobs wait.
    pub queue: QueueName,
    /// How long to wait before another attempt.
    pub retry: RetryPolicy,
    /// For how long a worker that died keeps a job from the others.
    pub lease: Duration,
    /// After how long the handler is cancelled.
    pub timeout: Option<Duration>,
}

impl Kind {
    /// With the defaults of [`Job`].
    pub fn new(name: impl AsRef<str>) -> Result<Self, InvalidName> {
        Ok(Self {
            name: KindName::new(name)?,
            queue: QueueName::new(DEFAULT_QUEUE)?,
            retry: RetryPolicy::default(),
            lease: DEFAULT_LEASE,
            timeout: None,
        })
    }

    /// What a type says of itself.
    pub fn of<J: Job>() -> Result<Self, InvalidName> {
        Ok(Self {
            name: KindName::new(J::KIND)?,
            queue: QueueName::new(J::QUEUE)?,
            retry: J::retry_policy(),
            lease: J::LEASE,
            timeout: J::TIMEOUT,
        })
    }

    /// Where its jobs wait.
    #[must_use]
    pub fn queue(mut self, queue: QueueName) -> Self {
        self.queue = queue;
        self
    }

    /// How long to wait before another attempt.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// For how long a worker that died keeps a job from the others.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// After how long the handler is cancelled.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }
}

pub(crate) type Attempt = BoxFuture<'static, Result<Done, JobError>>;

/// A handler of some kind, for a worker whose handlers share `S`.
pub(crate) trait Handler<S>: Send + Sync + 'static {
    /// Begins an attempt; nothing of the handler runs before the future is polled.
    fn begin(&self, payload: &Payload, context: Context<S>) -> Attempt;
}

/// A function that takes the job as a value of its type.
pub(crate) struct Typed<J, F> {
    pub(crate) function: F,
    pub(crate) job: PhantomData<fn(J)>,
}

impl<S, J, F, R, D, E> Handler<S> for Typed<J, F>
where
    J: Job,
    F: Fn(J, Context<S>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<D, E>> + Send + 'static,
    D: Into<Done> + 'static,
    E: Into<JobError> + 'static,
{
    fn begin(&self, payload: &Payload, context: Context<S>) -> Attempt {
        match payload.read::<J>() {
            Ok(job) => match job.check() {
                Ok(()) => Box::pin(ended((self.function)(job, context))),
                Err(problem) => refused(J::KIND, &problem),
            },
            Err(error) => refused(J::KIND, &misread(&error)),
        }
    }
}

/// The same payload would be refused the same way.
fn refused(kind: &str, problem: &dyn std::fmt::Display) -> Attempt {
    let text = format_args!("the payload is not one of kind `{kind}`: {problem}");
    let error = JobError::permanent(Code::SchemaInvalid, text);
    Box::pin(std::future::ready(Err(error)))
}

/// A function that takes the payload as it is.
pub(crate) struct Raw<F>(pub(crate) F);

impl<S, F, R, D, E> Handler<S> for Raw<F>
where
    F: Fn(Payload, Context<S>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<D, E>> + Send + 'static,
    D: Into<Done> + 'static,
    E: Into<JobError> + 'static,
{
    fn begin(&self, payload: &Payload, context: Context<S>) -> Attempt {
        Box::pin(ended((self.0)(payload.clone(), context)))
    }
}

async fn ended<D: Into<Done>, E: Into<JobError>>(
    handler: impl Future<Output = Result<D, E>>,
) -> Result<Done, JobError> {
    handler.await.map(Into::into).map_err(Into::into)
}
