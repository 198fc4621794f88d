//! The port for jobs.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::{
    Act, Checkpointed, ClaimRequest, Claimed, Code, EnqueueBatch, Enqueued, ExpiredLease, Hastened,
    JobFilter, JobId, JobPage, JobState, JobView, KindName, Lease, Maintained, Page, Portion,
    QueueChange, QueueName, QueueSettings, RenewBatch, Renewed, Retention, Revision, SettleBatch,
    Settled, StageOutput, StoreError, StoreId, Subject, Timestamp, Wakeups,
};

/// What a backend does with jobs.
///
/// Every method is one transaction. Results come back in the order of the input. A future that is
/// dropped before it is done leaves the database in one of the two states that a crash could have
/// left; a claim whose caller went away gives its leases back.
///
/// ```
/// use queue_core::memory::MemoryStore;
/// use queue_core::{
///     ClaimRequest, Completion, EnqueueBatch, JobState, JobStore, Jitter, KindName, NewJob, Outcome,
///     Payload, QueueName, RetryPolicy, SettleBatch, WorkerName, decide,
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::default();
/// let mail = QueueName::new("mail")?;
/// let job = NewJob::new(mail.clone(), KindName::new("send_invoice")?, Payload::json(&42)?);
/// let id = store.enqueue(EnqueueBatch::one(job)).await?[0].job();
///
/// let request = ClaimRequest::new(WorkerName::new("worker-1")?, vec![mail], 10)?;
/// for job in store.claim(request).await? {
///     let outcome = Outcome::Done(Completion::default());
///     let policy = RetryPolicy::default();
///     let transition = decide(outcome, &job.progress, job.max_attempts, &policy, Jitter::random());
///     let settled = store.settle(SettleBatch::one(job.lease, transition)?).await?;
///     assert_eq!(settled[0].state(), Some(JobState::Succeeded));
/// }
/// assert_eq!(store.job(id).await?.map(|job| job.state), Some(JobState::Succeeded));
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait JobStore: Debug + Send + Sync + 'static {
    /// Which database this is.
    fn id(&self) -> StoreId;

    /// Hints that there may be work.
    fn wakeups(&self) -> &Wakeups;

    /// The time that all comparisons use.
    async fn now(&self) -> Result<Timestamp, StoreError>;

    /// Stores jobs, all or none. Rules on keys and revisions are answers, not errors.
    async fn enqueue(&self, batch: EnqueueBatch) -> Result<Vec<Enqueued>, StoreError>;

    /// Hands out jobs that may run, under fresh leases, in claim order. A job whose lease ran out is
    /// not among them until somebody [`sweep`](crate::sweep)s.
    async fn claim(&self, request: ClaimRequest) -> Result<Vec<Claimed>, StoreError>;

    /// Waits until something done by this store makes jobs claimable, and hands them out in the very
    /// transaction that does: who listens for jobs hears of these without another round trip. Nobody
    /// relies on it. What other processes enqueue, and what becomes due, is not heard of here; a store
    /// that has no such way waits for ever. Whoever does not want to wait any longer drops it.
    async fn claim_fresh(&self, request: ClaimRequest) -> Result<Vec<Claimed>, StoreError> {
        let _ = request;
        std::future::pending().await
    }

    /// Extends leases.
    async fn renew(&self, batch: RenewBatch) -> Result<Vec<Renewed>, StoreError>;

    /// Stores the output of a finished stage and puts the next stage into its first attempt.
    async fn checkpoint(
        &self,
        lease: &Lease,
        output: StageOutput,
    ) -> Result<Checkpointed, StoreError>;

    /// Ends attempts: state, result, follow-ups, notifications and dead letter of each together.
    async fn settle(&self, batch: SettleBatch) -> Result<Vec<Settled>, StoreError>;

    /// Leases that have run out, those that ran out first coming first (at most the page's limit;
    /// settling them takes them off the list, so there is no cursor to pass).
    async fn expired(&self, page: Page) -> Result<Vec<ExpiredLease>, StoreError>;

    /// Cancels a queued job at once and asks a running one to stop. Recorded in the audit trail.
    async fn cancel(&self, job: JobId, act: &Act) -> Result<Cancelled, StoreError>;

    /// Changes a queue's settings and returns them. Recorded in the audit trail.
    async fn configure(
        &self,
        queue: &QueueName,
        change: QueueChange,
        act: &Act,
    ) -> Result<QueueSettings, StoreError>;

    /// The settings of all queues that have any, by name.
    async fn queues(&self) -> Result<Vec<QueueSettings>, StoreError>;

    /// One job, wherever it is: live, dead or in history.
    async fn job(&self, job: JobId) -> Result<Option<JobView>, StoreError>;

    /// The job of this kind that last succeeded on a subject, with its revision: what
    /// [`admission::judge`](crate::admission::judge) goes by. None where none has, or where retention has
    /// ended for it.
    async fn succeeded(
        &self,
        kind: &KindName,
        subject: &Subject,
    ) -> Result<Option<(JobId, Revision)>, StoreError>;

    /// Live jobs by id: queued, running and awaiting delivery.
    async fn live(&self, page: Page) -> Result<Vec<JobView>, StoreError>;

    /// Those of the live jobs that are wanted, by id, at bounded cost: see [`JobFilter`].
    async fn jobs(&self, filter: &JobFilter, page: Page) -> Result<JobPage, StoreError>;

    /// Makes a queued job due that waits for its time or for its next attempt. It keeps its place among
    /// jobs of its ordering key, unless the queue is loose about that. Recorded in the audit trail,
    /// unless it was due already.
    async fn hasten(&self, job: JobId, act: &Act) -> Result<Hastened, StoreError>;

    /// How much there is of what, at bounded cost.
    async fn stats(&self) -> Result<Stats, StoreError>;

    /// Removes what its retention has ended for, at most about `limit` rows of a sort, and does what
    /// upkeep the backend needs (partitions, say). Of the audit trail nothing: see
    /// [`RetentionStore::seal_audit`](crate::RetentionStore::seal_audit).
    async fn maintain(&self, retention: &Retention, limit: u32) -> Result<Maintained, StoreError>;

    /// As [`maintain`](Self::maintain) for one sort alone, around rows that cannot be removed: the first that
    /// have ended, in an order that does not change while they stay. Where history goes by days, or is gone
    /// through once, none of it is stepped over.
    async fn maintain_sort(
        &self,
        retention: &Retention,
        portion: Portion,
    ) -> Result<Maintained, StoreError>;
}

/// What became of a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// It was queued and is cancelled now.
    Cancelled,
    /// It runs; its worker is told at the next renewal, and whatever it comes to will be refused.
    Requested,
    /// There is nothing left to cancel: its work is done, dead or cancelled.
    TooLate(JobState),
    /// There is no such job.
    NotFound,
}

impl Cancelled {
    /// A stable reason code: what is left to happen, if anything.
    ///
    /// ```
    /// use queue_core::{Cancelled, JobState};
    /// assert_eq!(Cancelled::TooLate(JobState::Dead).code(), "too_late");
    /// ```
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Cancelled => Code::Cancelled.as_str(),
            Self::Requested => Code::Requested.as_str(),
            Self::TooLate(_) => Code::TooLate.as_str(),
            Self::NotFound => Code::NotFound.as_str(),
        }
    }
}

/// Counting stops here: beyond it a number says "at least", and costs no more.
pub const STATS_COUNT_CAP: u32 = 10_000;

/// A count at bounded cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// How many were counted.
    pub counted: u32,
    /// Whether there may be more: counting stopped at [`STATS_COUNT_CAP`].
    pub capped: bool,
}

impl Count {
    /// From a count that stopped at the cap.
    #[must_use]
    pub fn up_to_cap(counted: u32) -> Self {
        Self {
            counted: counted.min(STATS_COUNT_CAP),
            capped: counted >= STATS_COUNT_CAP,
        }
    }
}

/// Figures of one queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueStats {
    /// Which queue.
    pub queue: QueueName,
    /// May run now.
    pub ready: Count,
    /// Will run later.
    pub scheduled: Count,
    /// Wait for their turn behind an ordering key.
    pub waiting: Count,
    /// Under a lease, run out or not.
    pub running: Count,
    /// How long the job has waited that could have run first.
    pub oldest_ready: Option<Duration>,
    /// Kinds of the jobs that may run now, by name: one that no process knows waits here for ever.
    /// At most [`STATS_COUNT_CAP`] jobs are looked at; where there are more, a kind says at least how
    /// many, and one that waits behind all others may be missing.
    pub kinds: Vec<(KindName, Count)>,
}

/// Figures of a store.
///
/// ```
/// use queue_core::memory::MemoryStore;
/// use queue_core::JobStore;
/// use queue_core::KindName;
/// # use queue_core::{EnqueueBatch, NewJob, Payload, QueueName};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::default();
/// # let job = NewJob::new(QueueName::new("mail")?, KindName::new("k")?, Payload::json(&42)?);
/// # store.enqueue(EnqueueBatch::new(vec![job; 5])?).await?;
/// let stats = store.stats().await?;
/// let mail = &stats.queues[0];
/// assert_eq!((mail.queue.as_str(), mail.ready.counted, mail.ready.capped), ("mail", 5, false));
/// assert_eq!(mail.kinds, [(KindName::new("k")?, mail.ready)]);
/// assert_eq!(stats.dead.counted, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats {
    /// Of each queue that holds jobs, by name.
    pub queues: Vec<QueueStats>,
    /// Jobs whose work is done and whose notifications are outstanding.
    pub awaiting_delivery: Count,
    /// Dead letters that are open or escalated.
    pub dead: Count,
    /// Outbox rows to be sent.
    pub notifications_pending: Count,
    /// Outbox rows whose fate is unknown.
    pub notifications_in_doubt: Count,
}
