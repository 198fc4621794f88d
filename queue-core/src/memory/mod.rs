//! A store in memory: the reference model that the durable stores are compared with, and the queue
//! of users' unit tests. One lock, plain collections, no cleverness; nothing survives the process.

mod channels;
mod claim;
mod enqueue;
mod jobs;
mod leader;
mod letters;
mod maintain;
mod outbox;
mod retention;
mod runs;
mod schedules;
mod settle;
mod state;
mod steer;
mod turn;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::{
    Act, Amended, AuditEntry, AuditFilter, AuditList, AuditPage, Begun, Cancelled, ChannelName,
    ChannelState, Checkpointed, ClaimRequest, Claimed, Clock, Closure, DeadLetter, DeliveryBatch,
    DeliveryEvent, DeliveryLease, DeliveryRequest, EnqueueBatch, Enqueued, Evidence, ExpiredLease,
    Fired, Firing, GroupBy, Hastened, Incident, JobFilter, JobId, JobPage, JobSet, JobStore,
    JobView, KindName, LeaderStore, Lease, Led, LetterChange, LetterFilter, LetterGroups,
    LetterList, LetterPage, LookRequest, Maintained, Marked, NewRun, NewSuppression, Notification,
    NotificationChange, NotificationId, NotificationState, OperatorStore, OutboxStats, OutboxStore,
    Page, Payload, PhaseBatch, PhaseNoted, PlanDigest, Portion, PublishBatch, Published,
    QueueChange, QueueName, QueueSettings, Raise, Recipient, RenewBatch, Renewed, ReplayBatch,
    ReplayFacts, ReplayItem, ReplayRun, ReplayStore, Replayed, Retention, Revision, RoleName,
    RunApplied, RunBatch, RunEnd, RunId, RunLease, Schedule, ScheduleName, ScheduleStore,
    ScheduleView, ServiceAct, SettleBatch, Settled, StageOutput, Stats, StoreError, StoreId,
    Subject, Suppression, Timestamp, UnreadableIncident, VerbBatch, Wakeups, WorkerName,
};
use state::State;

/// A store without a database.
///
/// ```
/// use queue_core::memory::MemoryStore;
/// use queue_core::{ClaimRequest, EnqueueBatch, JobStore, KindName, NewJob, Payload, QueueName, WorkerName};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::default();
/// let mail = QueueName::new("mail")?;
/// let job = NewJob::new(mail.clone(), KindName::new("send_invoice")?, Payload::json(&42)?);
/// store.enqueue(EnqueueBatch::one(job)).await?;
///
/// let request = ClaimRequest::new(WorkerName::new("example")?, vec![mail], 10)?;
/// let claimed = store.claim(request).await?;
/// assert_eq!(claimed[0].payload.read::<u32>()?, 42);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct MemoryStore {
    id: StoreId,
    clock: Clock,
    wakeups: Wakeups,
    state: Arc<Mutex<State>>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::with_clock(Clock::Database)
    }
}

impl MemoryStore {
    /// An empty store; `Clock::Database` is this host's clock, since the host is the database.
    #[must_use]
    pub fn with_clock(clock: Clock) -> Self {
        Self {
            id: StoreId::new(rand::random()),
            clock,
            wakeups: Wakeups::default(),
            state: Arc::default(),
        }
    }

    fn time(&self) -> Timestamp {
        self.clock
            .override_time()
            .unwrap_or_else(Timestamp::of_this_host)
    }

    /// A panic while the lock was held is a bug that has been reported already.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        if lease.store() == self.id {
            Ok(())
        } else {
            Err(StoreError::ForeignLease { job: lease.job() })
        }
    }

    fn check_delivery(&self, lease: &DeliveryLease) -> Result<(), StoreError> {
        if lease.store == self.id {
            Ok(())
        } else {
            Err(StoreError::ForeignDelivery {
                notification: lease.id,
            })
        }
    }
}

#[async_trait]
impl JobStore for MemoryStore {
    fn id(&self) -> StoreId {
        self.id
    }

    fn wakeups(&self) -> &Wakeups {
        &self.wakeups
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        Ok(self.time())
    }

    async fn enqueue(&self, batch: EnqueueBatch) -> Result<Vec<Enqueued>, StoreError> {
        let enqueued = self.lock().enqueue(self.time(), batch.jobs());
        self.wakeups.ring();
        Ok(enqueued)
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Vec<Claimed>, StoreError> {
        Ok(self.lock().claim(self.id, self.time(), &request))
    }

    async fn renew(&self, batch: RenewBatch) -> Result<Vec<Renewed>, StoreError> {
        batch
            .leases()
            .iter()
            .try_for_each(|lease| self.check_lease(lease))?;
        Ok(self.lock().renew(self.time(), &batch))
    }

    async fn checkpoint(
        &self,
        lease: &Lease,
        output: StageOutput,
    ) -> Result<Checkpointed, StoreError> {
        self.check_lease(lease)?;
        Ok(self.lock().checkpoint(self.time(), lease, output))
    }

    async fn settle(&self, batch: SettleBatch) -> Result<Vec<Settled>, StoreError> {
        batch
            .settlements()
            .iter()
            .try_for_each(|s| self.check_lease(&s.lease))?;
        let settled = self.lock().settle(self.time(), batch);
        self.wakeups.ring();
        Ok(settled)
    }

    async fn expired(&self, page: Page) -> Result<Vec<ExpiredLease>, StoreError> {
        Ok(self.lock().expired(self.id, self.time(), page))
    }

    async fn cancel(&self, job: JobId, act: &Act) -> Result<Cancelled, StoreError> {
        let cancelled = self.lock().cancel(self.time(), job, act);
        self.wakeups.ring();
        Ok(cancelled)
    }

    async fn configure(
        &self,
        queue: &QueueName,
        change: QueueChange,
        act: &Act,
    ) -> Result<QueueSettings, StoreError> {
        let settings = self.lock().configure(self.time(), queue, &change, act);
        self.wakeups.ring();
        Ok(settings)
    }

    async fn queues(&self) -> Result<Vec<QueueSettings>, StoreError> {
        Ok(self.lock().settings())
    }

    async fn job(&self, job: JobId) -> Result<Option<JobView>, StoreError> {
        Ok(self.lock().job(job))
    }

    async fn succeeded(
        &self,
        kind: &KindName,
        subject: &Subject,
    ) -> Result<Option<(JobId, Revision)>, StoreError> {
        Ok(self.lock().succeeded(kind, subject))
    }

    async fn live(&self, page: Page) -> Result<Vec<JobView>, StoreError> {
        Ok(self.lock().live(page))
    }

    async fn jobs(&self, filter: &JobFilter, page: Page) -> Result<JobPage, StoreError> {
        Ok(self.lock().jobs(filter, page))
    }

    async fn hasten(&self, job: JobId, act: &Act) -> Result<Hastened, StoreError> {
        let hastened = self.lock().hasten(self.time(), job, act);
        self.wakeups.ring();
        Ok(hastened)
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        Ok(self.lock().stats(self.time()))
    }

    async fn maintain(&self, retention: &Retention, limit: u32) -> Result<Maintained, StoreError> {
        Ok(self.lock().maintain(self.time(), retention, limit))
    }

    async fn maintain_sort(
        &self,
        retention: &Retention,
        portion: Portion,
    ) -> Result<Maintained, StoreError> {
        Ok(self.lock().maintain_sort(self.time(), retention, portion))
    }
}

#[async_trait]
impl OutboxStore for MemoryStore {
    async fn publish(&self, batch: PublishBatch) -> Result<Vec<Published>, StoreError> {
        let now = self.time();
        let mut state = self.lock();
        let publish = |new| state.publish(now, None, new);
        let published = batch.notifications().iter().map(publish).collect();
        drop(state);
        self.wakeups.ring();
        Ok(published)
    }

    async fn lease_notifications(
        &self,
        request: DeliveryRequest,
    ) -> Result<Vec<Notification>, StoreError> {
        Ok(self.lock().lease_notifications(self.time(), &request))
    }

    async fn note_phases(&self, batch: PhaseBatch) -> Result<Vec<PhaseNoted>, StoreError> {
        batch
            .notes()
            .iter()
            .try_for_each(|(lease, _)| self.check_delivery(lease))?;
        Ok(self.lock().note_phases(self.time(), &batch))
    }

    async fn mark(&self, batch: DeliveryBatch) -> Result<Vec<Marked>, StoreError> {
        batch
            .markings()
            .iter()
            .try_for_each(|marking| self.check_delivery(&marking.lease))?;
        Ok(self.lock().mark(self.time(), &batch))
    }

    async fn look(&self, request: LookRequest) -> Result<Vec<Notification>, StoreError> {
        Ok(self.lock().look(self.time(), &request))
    }

    async fn delivery_events(&self, id: NotificationId) -> Result<Vec<DeliveryEvent>, StoreError> {
        Ok(self.lock().events.get(&id).cloned().unwrap_or_default())
    }

    async fn suppressed(
        &self,
        channel: &ChannelName,
        recipients: &[Recipient],
    ) -> Result<Vec<Suppression>, StoreError> {
        Ok(self.lock().suppressed(self.time(), channel, recipients))
    }

    async fn channels(&self) -> Result<Vec<ChannelState>, StoreError> {
        Ok(self.lock().channels.values().cloned().collect())
    }

    async fn outbox_stats(&self) -> Result<OutboxStats, StoreError> {
        Ok(self.lock().outbox_stats(self.time()))
    }

    async fn raise(&self, raises: Vec<Raise>) -> Result<(), StoreError> {
        self.lock().raise(self.time(), &raises);
        self.wakeups.ring();
        Ok(())
    }

    async fn open_incidents(
        &self,
        after: Option<&Subject>,
        limit: u32,
    ) -> Result<Vec<Result<Incident, UnreadableIncident>>, StoreError> {
        let open = self.lock().open_incidents(after, limit);
        Ok(open.into_iter().map(Ok).collect())
    }

    async fn resolve_incident(&self, key: &Subject, version: i64) -> Result<bool, StoreError> {
        let resolved = self.lock().resolve_incident(self.time(), key, version);
        self.wakeups.ring();
        Ok(resolved)
    }

    async fn doubt_expired(&self, limit: u32) -> Result<Vec<NotificationId>, StoreError> {
        Ok(self.lock().doubt_expired(self.time(), limit))
    }

    async fn interrupted(&self, page: Page) -> Result<Vec<NotificationId>, StoreError> {
        Ok(self.lock().interrupted(self.time(), page.limit()))
    }

    async fn doubt_interrupted(
        &self,
        rows: &[NotificationId],
    ) -> Result<Vec<NotificationId>, StoreError> {
        Ok(self.lock().doubt_interrupted(self.time(), rows))
    }

    async fn notifications(
        &self,
        state: NotificationState,
        page: Page,
    ) -> Result<Vec<Notification>, StoreError> {
        Ok(self.lock().notifications_in(state, page))
    }

    async fn notification(&self, id: NotificationId) -> Result<Option<Notification>, StoreError> {
        Ok(self.lock().notifications.get(&id).cloned())
    }
}

#[async_trait]
impl OperatorStore for MemoryStore {
    async fn letters(
        &self,
        filter: &LetterFilter,
        page: LetterPage,
    ) -> Result<LetterList, StoreError> {
        Ok(self.lock().letter_list(filter, page))
    }

    async fn letter_groups(
        &self,
        filter: &LetterFilter,
        by: GroupBy,
    ) -> Result<LetterGroups, StoreError> {
        Ok(self.lock().letter_groups(filter, by))
    }

    async fn dead_letters(
        &self,
        filter: &LetterFilter,
        page: Page,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        Ok(self.lock().dead_letters(filter, page))
    }

    async fn dead_letter(&self, job: JobId) -> Result<Option<DeadLetter>, StoreError> {
        Ok(self.lock().dead_letter(job))
    }

    async fn attach_evidence_to(
        &self,
        jobs: &JobSet,
        evidence: Evidence,
        act: &Act,
    ) -> Result<Vec<LetterChange>, StoreError> {
        let (mut tables, now) = (self.lock(), self.time());
        let attach = |job: &JobId| tables.attach_evidence(now, *job, evidence.clone(), act);
        Ok(jobs.jobs().iter().map(attach).collect())
    }

    async fn replay(&self, batch: ReplayBatch, act: &Act) -> Result<Vec<Replayed>, StoreError> {
        let replayed = self.lock().replay(self.time(), &batch, act);
        self.wakeups.ring();
        Ok(replayed)
    }

    async fn amend(
        &self,
        job: JobId,
        version: i64,
        payload: Payload,
        act: &Act,
    ) -> Result<Amended, StoreError> {
        Ok(self.lock().amend(self.time(), job, version, payload, act))
    }

    async fn close(
        &self,
        job: JobId,
        closure: Closure,
        act: &Act,
    ) -> Result<LetterChange, StoreError> {
        Ok(self.lock().close(self.time(), job, closure, act))
    }

    async fn decide_notifications(
        &self,
        batch: VerbBatch,
        act: &Act,
    ) -> Result<Vec<NotificationChange>, StoreError> {
        let changes = self.lock().decide_notifications(self.time(), &batch, act);
        self.wakeups.ring();
        Ok(changes)
    }

    async fn suppressions(
        &self,
        channel: Option<&ChannelName>,
        page: Page,
    ) -> Result<Vec<Suppression>, StoreError> {
        Ok(self.lock().suppression_page(channel, page))
    }

    async fn suppress(&self, suppression: NewSuppression, act: &Act) -> Result<(), StoreError> {
        self.lock().suppress(self.time(), suppression, act);
        Ok(())
    }

    async fn unsuppress(
        &self,
        channel: &ChannelName,
        recipient: &Recipient,
        act: &Act,
    ) -> Result<bool, StoreError> {
        Ok(self.lock().unsuppress(self.time(), channel, recipient, act))
    }

    async fn pause_channel(
        &self,
        channel: &ChannelName,
        paused: bool,
        act: &Act,
    ) -> Result<bool, StoreError> {
        let changed = self.lock().pause_channel(self.time(), channel, paused, act);
        self.wakeups.ring();
        Ok(changed)
    }

    async fn record(&self, own: &ServiceAct, act: &Act) -> Result<(), StoreError> {
        let entry = AuditEntry::service(act, own);
        self.lock().record(self.time(), entry);
        Ok(())
    }

    async fn audit(&self, filter: &AuditFilter, page: AuditPage) -> Result<AuditList, StoreError> {
        Ok(self.lock().audit_page(filter, page))
    }
}

#[async_trait]
impl ReplayStore for MemoryStore {
    async fn replay_facts(&self, jobs: &JobSet) -> Result<Vec<ReplayFacts>, StoreError> {
        Ok(self.lock().replay_facts(jobs))
    }

    async fn begin_run(&self, run: NewRun, act: &Act) -> Result<Begun, StoreError> {
        Ok(self.lock().begin_run(self.id, self.time(), &run, act))
    }

    async fn apply_to_run(
        &self,
        lease: &RunLease,
        batch: RunBatch,
        act: &Act,
    ) -> Result<RunApplied, StoreError> {
        lease.check(self.id)?;
        let applied = self.lock().apply_to_run(self.time(), lease, &batch, act);
        self.wakeups.ring();
        Ok(applied)
    }

    async fn watch_run(&self, lease: &RunLease) -> Result<Option<ReplayRun>, StoreError> {
        lease.check(self.id)?;
        Ok(self.lock().watch_run(self.time(), lease))
    }

    async fn end_run(
        &self,
        lease: &RunLease,
        end: RunEnd,
        act: &Act,
    ) -> Result<Option<ReplayRun>, StoreError> {
        lease.check(self.id)?;
        Ok(self.lock().end_run(self.time(), lease, &end, act))
    }

    async fn run_of(&self, plan: &PlanDigest) -> Result<Option<ReplayRun>, StoreError> {
        Ok(self.lock().run_of(plan))
    }

    async fn runs(&self, page: Page) -> Result<Vec<ReplayRun>, StoreError> {
        Ok(self.lock().runs(page))
    }

    async fn run_items(&self, run: RunId, page: Page) -> Result<Vec<ReplayItem>, StoreError> {
        Ok(self.lock().run_items(run, page))
    }
}

#[async_trait]
impl ScheduleStore for MemoryStore {
    async fn put_schedule(
        &self,
        schedule: &Schedule,
        act: &Act,
    ) -> Result<ScheduleView, StoreError> {
        Ok(self.lock().put_schedule(self.time(), schedule, act))
    }

    async fn schedules(&self) -> Result<Vec<ScheduleView>, StoreError> {
        Ok(self.lock().schedules.values().cloned().collect())
    }

    async fn pause_schedule(
        &self,
        name: &ScheduleName,
        paused: bool,
        act: &Act,
    ) -> Result<Option<ScheduleView>, StoreError> {
        Ok(self.lock().pause_schedule(self.time(), name, paused, act))
    }

    async fn remove_schedule(&self, name: &ScheduleName, act: &Act) -> Result<bool, StoreError> {
        Ok(self.lock().remove_schedule(self.time(), name, act))
    }

    async fn fire(&self, firing: Firing) -> Result<Fired, StoreError> {
        let fired = self.lock().fire(self.time(), &firing);
        self.wakeups.ring();
        Ok(fired)
    }
}

#[async_trait]
impl LeaderStore for MemoryStore {
    async fn lead(
        &self,
        role: &RoleName,
        holder: &WorkerName,
        lease: Duration,
    ) -> Result<Led, StoreError> {
        Ok(self.lock().lead(self.time(), role, holder, lease))
    }

    async fn resign(&self, role: &RoleName, holder: &WorkerName) -> Result<bool, StoreError> {
        Ok(self.lock().resign(role, holder))
    }
}
