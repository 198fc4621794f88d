//! What a handler knows beside its job.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::worker::done::Rest;
use crate::worker::execute::decided;
use crate::worker::holding::Holding;
use crate::{
    CORRELATION_ID, Cancellation, Code, Done, Failure, Fence, Headers, InvalidReport, JobError,
    JobId, KindName, Lease, Outcome, ProgressReport, Queue, QueueName, RetryPolicy, Revision,
    SettleBatch, Settled, Subject, TRACE_PARENT, TenantName, Timestamp,
};

/// What a handler knows beside its job: the lease, whether it is to stop, and the worker's state `S`.
///
/// ```
/// use queue_core::{Context, Done, Job, JobError};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Import { file: String }
/// impl Job for Import { const KIND: &'static str = "import"; }
///
/// struct App { folder: String }
///
/// async fn import(job: Import, ctx: Context<App>) -> Result<(), JobError> {
///     let path = format!("{}/{}", ctx.state().folder, job.file);
///     tokio::select! {
///         read = tokio::fs::read(path) => drop(read?),
///         why = ctx.cancelled() => return Err(JobError::retryable("STOPPED", why.code())),
///     }
///     Ok(())
/// }
/// # assert!(true, "it compiles");
/// ```
pub struct Context<S = ()> {
    pub(crate) holding: Arc<Holding>,
    queue: Queue,
    state: Arc<S>,
    deadline: Option<Instant>,
}

impl<S> Context<S> {
    pub(crate) fn new(
        holding: Arc<Holding>,
        queue: Queue,
        state: Arc<S>,
        deadline: Option<Instant>,
    ) -> Self {
        Self {
            holding,
            queue,
            state,
            deadline,
        }
    }

    /// What the worker's handlers share.
    #[must_use]
    pub fn state(&self) -> &S {
        &self.state
    }

    /// The queue that the job came from: to enqueue others by. Jobs that must follow if and only if
    /// this one succeeds belong into [`Done::then`].
    #[must_use]
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// The job's id.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.holding.job.id()
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &KindName {
        &self.holding.job.kind
    }

    /// The name of the queue it waited in.
    #[must_use]
    pub fn queue_name(&self) -> &QueueName {
        &self.holding.job.queue
    }

    /// The number of this attempt at the present stage, from 1.
    #[must_use]
    pub fn attempt(&self) -> u16 {
        self.holding.progress().attempt
    }

    /// Attempts per stage.
    #[must_use]
    pub fn max_attempts(&self) -> u16 {
        self.holding.job.max_attempts
    }

    /// The lease, as last renewed.
    #[must_use]
    pub fn lease(&self) -> Lease {
        self.holding.lease()
    }

    /// The number that proves ownership: pass it on to what the handler writes to, so that the other
    /// side can refuse a stale worker.
    #[must_use]
    pub fn fence(&self) -> Fence {
        self.holding.job.lease.fence()
    }

    /// When it was enqueued, by the database's clock.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.holding.job.created_at
    }

    /// Whose it is.
    #[must_use]
    pub fn tenant(&self) -> Option<&TenantName> {
        self.holding.job.tenant.as_ref()
    }

    /// What it is about.
    #[must_use]
    pub fn subject(&self) -> Option<&(Subject, Revision)> {
        self.holding.job.subject.as_ref()
    }

    /// What travels with it.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.holding.job.headers
    }

    /// What the enqueuer's work is known by.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        self.headers().get(CORRELATION_ID)
    }

    /// The W3C trace context of whoever enqueued it.
    #[must_use]
    pub fn trace_parent(&self) -> Option<&str> {
        self.headers().get(TRACE_PARENT)
    }

    /// When the handler will be cancelled for taking too long.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Waits until the handler is to stop, and says why.
    pub async fn cancelled(&self) -> Cancellation {
        self.holding.token().cancelled().await;
        // It is set before the token is.
        self.holding.why().unwrap_or(Cancellation::Shutdown)
    }

    /// Why the handler is to stop, if it is.
    #[must_use]
    pub fn cancellation(&self) -> Option<Cancellation> {
        self.holding.why()
    }

    /// For what takes a token: it is cancelled when the handler is to stop.
    #[must_use]
    pub fn cancel_token(&self) -> CancellationToken {
        self.holding.token().child_token()
    }

    /// Says how far the job is, for operators to see: a percentage, of any integer type, and a note, which
    /// may be empty. Stored about once
    /// a second at most, with the renewals; what is said in between is not.
    ///
    /// ```
    /// # use queue_core::{Context, JobError};
    /// async fn import(pages: u32, ctx: &Context) -> Result<(), JobError> {
    ///     for page in 0..pages {
    ///         ctx.progress(page * 100 / pages, format!("page {page} of {pages}"))?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn progress(
        &self,
        percent: impl TryInto<u8>,
        note: impl Into<String>,
    ) -> Result<(), InvalidReport> {
        // What no u8 can be is no percentage either.
        let percent = percent.try_into().unwrap_or(u8::MAX);
        let note = Some(note.into()).filter(|note| !note.is_empty());
        self.holding
            .report(ProgressReport::new(Some(percent), note)?);
        Ok(())
    }

    /// As [`Self::progress`], where nobody knows how much there is to do.
    pub fn note(&self, note: impl Into<String>) -> Result<(), InvalidReport> {
        self.holding
            .report(ProgressReport::new(None, Some(note.into()))?);
        Ok(())
    }

    /// For a store's `complete_in`: the settlement that ends this job, for a transaction of the
    /// handler's. [`Done::snooze`] and [`Done::cancel`] are settled in the same way.
    pub fn settlement(&self, done: Done) -> Result<SettleBatch, JobError> {
        let Rest::Settle(mut outcome) = done.into_rest() else {
            return Err(JobError::permanent(
                Code::CompletedTwice,
                "the job was completed in a transaction before",
            ));
        };
        if let Outcome::Done(completion) = &mut outcome {
            self.queue.conclude(&self.holding.job, completion)?;
        }
        let policy = RetryPolicy::default();
        let transition = decided(&self.holding, outcome, &policy);
        Ok(SettleBatch::one(self.lease(), transition)?)
    }

    /// For a store's `complete_in`: what the handler returns after it has committed the transaction
    /// in which this was the answer. If the answer is that the job is not this worker's any more,
    /// there is nothing to commit.
    pub fn settled(&self, answers: &[Settled]) -> Result<Done, JobError> {
        match answers {
            [Settled::Applied(applied)] => {
                self.holding.complete(applied.state);
                Ok(Done::committed(applied.state))
            }
            // The worker ends it as cancelled; what the handler wrote is not to stay.
            [Settled::CancelRequested] => {
                self.holding.cancel(Cancellation::Requested);
                Err(self.stopped(Cancellation::Requested))
            }
            _ => {
                self.holding.cancel(Cancellation::LeaseLost);
                Err(JobError::lease_lost())
            }
        }
    }

    /// The error of a handler that was told to stop and does.
    pub(crate) fn stopped(&self, why: Cancellation) -> JobError {
        match why {
            Cancellation::LeaseLost => JobError::lease_lost(),
            other => Failure::retryable(
                crate::ErrorClass::unclassified(),
                format!("stopped: {}", other.code()),
            )
            .into(),
        }
    }
}

impl<S> Clone for Context<S> {
    fn clone(&self) -> Self {
        Self {
            holding: Arc::clone(&self.holding),
            queue: self.queue.clone(),
            state: Arc::clone(&self.state),
            deadline: self.deadline,
        }
    }
}

impl<S> fmt::Debug for Context<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("lease", &self.lease())
            .field("kind", self.kind())
            .finish_non_exhaustive()
    }
}
