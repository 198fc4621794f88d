//! The port for replays that somebody has reviewed.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{
    Act, Begun, JobSet, NewRun, Page, PlanDigest, ReplayFacts, ReplayItem, ReplayRun, RunApplied,
    RunBatch, RunEnd, RunId, RunLease, StoreError,
};

/// Applying a plan. What is replayed is on record in the same transaction, and in the run: a process that
/// takes the run over finds what was done, and does none of it again.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{
///     Act, Actor, Begun, Evidence, ItemOutcome, JobSet, LetterFilter, LetterPage, NewRun, OperatorStore,
///     PayloadCheck, PlannedLetter, ReplayPlan, ReplayStore, Risk, RunApplied, RunBatch, RunEnd, WorkerName,
/// };
/// # use queue_core::{
/// #     ClaimRequest, EnqueueBatch, ErrorClass, Failure, Jitter, JobStore, KindName, NewJob, Outcome,
/// #     Payload, QueueName, RetryPolicy, SettleBatch, decide,
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
/// // One job of this store is dead. What is unsafe about replaying it?
/// let filter = LetterFilter::default();
/// let letter = store.letters(&filter, LetterPage::first(100)?).await?.letters.remove(0);
/// let facts = store.replay_facts(&JobSet::new(vec![letter.job])?).await?;
/// let risks = Risk::of(&letter, facts.first(), PayloadCheck::Unchecked);
/// let planned = PlannedLetter::new(&letter, risks);
/// let ada = Actor::new("ada")?;
/// let plan = ReplayPlan::new(store.id(), &filter, ada.clone(), store.now().await?, false, vec![planned])?;
///
/// // Somebody has read it.
/// let act = Act::new(ada, "order 42 was restored, OPS-17");
/// let holder = WorkerName::new("replay-1")?;
/// let run = NewRun::new(plan.digest().clone(), 1, holder, Duration::from_secs(60))?;
/// let Begun::New(lease) = store.begin_run(run, &act).await? else { panic!("nobody else applies it") };
/// let letters = plan.chosen(true).map(|letter| (letter.job, letter.version)).collect();
/// let batch = RunBatch::new(letters)?.evidence(Evidence::new("OPS-17", "order 42 is back")?);
/// let applied = store.apply_to_run(&lease, batch, &act).await?;
/// assert_eq!(applied, RunApplied::Applied(vec![ItemOutcome::Running]));
/// let run = store.end_run(&lease, RunEnd::Finished, &act).await?.ok_or("it is ours")?;
/// assert_eq!(run.counts.replayed(), 1);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait ReplayStore: Debug + Send + Sync + 'static {
    /// What the database knows of dead jobs beside their letters, by job id; jobs that have no letter are
    /// left out.
    async fn replay_facts(&self, jobs: &JobSet) -> Result<Vec<ReplayFacts>, StoreError>;

    /// Begins the one run of a plan, or takes it over from a process that left it or died.
    async fn begin_run(&self, run: NewRun, act: &Act) -> Result<Begun, StoreError>;

    /// Replays some letters under the run's lease, which it renews: evidence, replay, the run's items and
    /// the audit records in one transaction. Letters that changed since the plan are left out, each on
    /// its own.
    async fn apply_to_run(
        &self,
        lease: &RunLease,
        batch: RunBatch,
        act: &Act,
    ) -> Result<RunApplied, StoreError>;

    /// Renews the run's lease and says how it stands; `None` if the lease is lost.
    async fn watch_run(&self, lease: &RunLease) -> Result<Option<ReplayRun>, StoreError>;

    /// Ends the run, or leaves it to others; `None` if the lease is lost.
    async fn end_run(
        &self,
        lease: &RunLease,
        end: RunEnd,
        act: &Act,
    ) -> Result<Option<ReplayRun>, StoreError>;

    /// The run of a plan.
    async fn run_of(&self, plan: &PlanDigest) -> Result<Option<ReplayRun>, StoreError>;

    /// Runs by number.
    async fn runs(&self, page: Page) -> Result<Vec<ReplayRun>, StoreError>;

    /// The letters that a run has seen, by job id.
    async fn run_items(&self, run: RunId, page: Page) -> Result<Vec<ReplayItem>, StoreError>;
}
