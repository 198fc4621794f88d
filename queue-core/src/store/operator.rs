//! The port for operators: dead letters, evidence, notifications, channels, audit.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{
    Act, Amended, AuditFilter, AuditList, AuditPage, ChannelName, Closure, DeadLetter, Evidence,
    GroupBy, JobId, JobSet, LetterChange, LetterFilter, LetterGroups, LetterList, LetterPage,
    NewSuppression, NotificationChange, Page, Payload, Recipient, ReplayBatch, Replayed,
    ServiceAct, StoreError, Suppression, VerbBatch,
};

/// What operators do. Each mutation writes its audit records in the same transaction.
///
/// ```
/// use queue_core::{
///     Act, Actor, AuditFilter, AuditPage, Evidence, LetterFilter, OperatorStore, Page, ReplayBatch, Replayed,
/// };
/// # use queue_core::{
/// #     ClaimRequest, EnqueueBatch, ErrorClass, Failure, Jitter, JobStore, KindName, NewJob, Outcome,
/// #     Payload, QueueName, RetryPolicy, SettleBatch, WorkerName, decide,
/// # };
/// # use queue_core::memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::default();
/// # let queue = QueueName::new("mail")?;
/// # let job = NewJob::new(queue.clone(), KindName::new("send_invoice")?, Payload::json(&42)?);
/// # let id = store.enqueue(EnqueueBatch::one(job)).await?[0].job();
/// # let request = ClaimRequest::new(WorkerName::new("worker-1")?, vec![queue], 1)?;
/// # let claimed = store.claim(request).await?.remove(0);
/// # let failure = Failure::permanent(ErrorClass::schema_invalid(), "no order 42");
/// # let policy = RetryPolicy::default();
/// # let bury = decide(Outcome::Failed(failure), &claimed.progress, 5, &policy, Jitter::random());
/// # store.settle(SettleBatch::one(claimed.lease, bury)?).await?;
/// // One job of this store is dead.
/// let letters = store.dead_letters(&LetterFilter::default(), Page::first(100)?).await?;
/// let job = letters[0].job.id;
/// let act = Act::new(Actor::new("ada")?, "order 42 was restored, OPS-17");
/// store.attach_evidence(job, Evidence::new("OPS-17", "order 42 is back")?, &act).await?;
///
/// let letter = store.dead_letter(job).await?.ok_or("it is there")?;
/// let replayed = store.replay(ReplayBatch::new(vec![(job, letter.version)])?, &act).await?;
/// assert_eq!(replayed, [Replayed::Requeued]);
/// let audit = store.audit(&AuditFilter::default(), AuditPage::oldest(100)?).await?;
/// assert_eq!(audit.records.len(), 2);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait OperatorStore: Debug + Send + Sync + 'static {
    /// A page of dead letters as a list shows them, the newest death first.
    async fn letters(
        &self,
        filter: &LetterFilter,
        page: LetterPage,
    ) -> Result<LetterList, StoreError>;

    /// How many dead letters there are of what, those that died last.
    async fn letter_groups(
        &self,
        filter: &LetterFilter,
        by: GroupBy,
    ) -> Result<LetterGroups, StoreError>;

    /// Whole dead letters by job id, for those who go over all of them: no index carries the filter.
    async fn dead_letters(
        &self,
        filter: &LetterFilter,
        page: Page,
    ) -> Result<Vec<DeadLetter>, StoreError>;

    /// One dead letter with its evidence.
    async fn dead_letter(&self, job: JobId) -> Result<Option<DeadLetter>, StoreError>;

    /// Attaches the same evidence to each of these letters that is open or escalated; what became of each,
    /// in the order of [`JobSet::jobs`].
    async fn attach_evidence_to(
        &self,
        jobs: &JobSet,
        evidence: Evidence,
        act: &Act,
    ) -> Result<Vec<LetterChange>, StoreError>;

    /// Attaches evidence to one letter.
    async fn attach_evidence(
        &self,
        job: JobId,
        evidence: Evidence,
        act: &Act,
    ) -> Result<LetterChange, StoreError> {
        let one = JobSet::new(vec![job])?;
        let mut changes = self.attach_evidence_to(&one, evidence, act).await?;
        Ok(changes.pop().unwrap_or(LetterChange::NotFound))
    }

    /// Queues jobs again, each on its own: those that cannot be replayed change nothing.
    async fn replay(&self, batch: ReplayBatch, act: &Act) -> Result<Vec<Replayed>, StoreError>;

    /// Puts another payload in the place of what killed a job, in an open or escalated letter as it was
    /// seen. The first one stays with the letter. Whether the new one keeps the contract of its kind is for
    /// the caller to check; stages that have finished keep what they came to, unless the replay is from the
    /// start.
    async fn amend(
        &self,
        job: JobId,
        version: i64,
        payload: Payload,
        act: &Act,
    ) -> Result<Amended, StoreError>;

    /// Ends a dead letter without a replay; the act's reason stays with it as its note.
    async fn close(
        &self,
        job: JobId,
        closure: Closure,
        act: &Act,
    ) -> Result<LetterChange, StoreError>;

    /// Decides on notifications that failed or are in doubt, each on its own.
    async fn decide_notifications(
        &self,
        batch: VerbBatch,
        act: &Act,
    ) -> Result<Vec<NotificationChange>, StoreError>;

    /// The recipients that get nothing, of one channel or of all, by number; also those whose time is over.
    async fn suppressions(
        &self,
        channel: Option<&ChannelName>,
        page: Page,
    ) -> Result<Vec<Suppression>, StoreError>;

    /// Puts a recipient on the list of a channel, or changes why and for how long it is there.
    async fn suppress(&self, suppression: NewSuppression, act: &Act) -> Result<(), StoreError>;

    /// Takes a recipient off the list; `false` if it was not on it.
    async fn unsuppress(
        &self,
        channel: &ChannelName,
        recipient: &Recipient,
        act: &Act,
    ) -> Result<bool, StoreError>;

    /// Pauses a channel, or lets it go on, for all processes; `false` if it was so already.
    async fn pause_channel(
        &self,
        channel: &ChannelName,
        paused: bool,
        act: &Act,
    ) -> Result<bool, StoreError>;

    /// Puts an act of a service's own on record. It is a record and no more: nothing else of the database
    /// changes.
    async fn record(&self, own: &ServiceAct, act: &Act) -> Result<(), StoreError>;

    /// What the filter wants of the audit trail, from either end. A page may have few records, or none, and
    /// still not be the last: it looks at [`AUDIT_WALK`](crate::AUDIT_WALK) of them at most.
    async fn audit(&self, filter: &AuditFilter, page: AuditPage) -> Result<AuditList, StoreError>;
}
