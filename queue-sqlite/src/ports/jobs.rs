use async_trait::async_trait;
use queue_core::{
    Act, Cancelled, Checkpointed, ClaimRequest, Claimed, EnqueueBatch, Enqueued, ExpiredLease,
    Hastened, JobFilter, JobId, JobPage, JobStore, JobView, KindName, Lease, Maintained, Page,
    Portion, QueueChange, QueueName, QueueSettings, RenewBatch, Renewed, Retention, Revision,
    SettleBatch, Settled, StageOutput, Stats, StoreError, StoreId, Subject, Timestamp, Wakeups,
};

use crate::handout::Handout;
use crate::ops::{
    checkpoint, claim, enqueue, jobs, maintain, queues, renew, settle, stats, steer, sweep, view,
};
use crate::request::gone;
use crate::session::Session;
use crate::store::SqliteStore;

impl SqliteStore {
    /// Leases of another store are refused before anything is written.
    pub(crate) fn check_leases<'l>(
        &self,
        leases: impl IntoIterator<Item = &'l Lease>,
    ) -> Result<(), StoreError> {
        let foreign = leases
            .into_iter()
            .find(|lease| lease.store() != self.0.id)
            .map(Lease::job);
        foreign.map_or(Ok(()), |job| Err(StoreError::ForeignLease { job }))
    }
}

#[async_trait]
impl JobStore for SqliteStore {
    fn id(&self) -> StoreId {
        self.0.id
    }

    fn wakeups(&self) -> &Wakeups {
        &self.0.shared.wakeups
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        self.read("reading the time", |session| Ok(session.now()))
            .await
    }

    async fn enqueue(&self, batch: EnqueueBatch) -> Result<Vec<Enqueued>, StoreError> {
        self.write("enqueue", batch.jobs().len(), move |session| {
            enqueue::enqueue(session, &batch)
        })
        .await
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Vec<Claimed>, StoreError> {
        let weight = usize::try_from(request.limit()).unwrap_or(usize::MAX);
        let writer = self.0.writer.queue();
        let handout = self
            .write("claim", weight, move |session| {
                Ok(Handout::new(
                    claim::claim(session, &request)?,
                    writer.clone(),
                ))
            })
            .await?;
        Ok(handout.accept())
    }

    async fn claim_fresh(&self, request: ClaimRequest) -> Result<Vec<Claimed>, StoreError> {
        let writer = self.0.writer.queue();
        let claim = move |session: &Session<'_>| {
            let claimed = claim::claim(session, &request)?;
            Ok(Handout::new(claimed, writer.clone()))
        };
        let handed = self.0.writer.call_while("claim", Handout::is_empty, claim);
        let handout = handed.await.map_err(|_| gone("claim"))??;
        Ok(handout.accept())
    }

    async fn renew(&self, batch: RenewBatch) -> Result<Vec<Renewed>, StoreError> {
        self.check_leases(batch.leases())?;
        self.write("renew", batch.leases().len(), move |session| {
            renew::renew(session, &batch)
        })
        .await
    }

    async fn checkpoint(
        &self,
        lease: &Lease,
        output: StageOutput,
    ) -> Result<Checkpointed, StoreError> {
        self.check_leases([lease])?;
        let lease = *lease;
        self.write("checkpoint", 1, move |session| {
            checkpoint::checkpoint(session, &lease, &output)
        })
        .await
    }

    async fn settle(&self, batch: SettleBatch) -> Result<Vec<Settled>, StoreError> {
        self.check_leases(batch.settlements().iter().map(|one| &one.lease))?;
        let publishes = settle::publishes(&batch);
        let settled = self
            .write("settle", batch.settlements().len(), move |session| {
                settle::settle(session, &batch)
            })
            .await?;
        if publishes {
            self.ring();
        }
        Ok(settled)
    }

    async fn expired(&self, page: Page) -> Result<Vec<ExpiredLease>, StoreError> {
        self.read("listing expired leases", move |session| {
            sweep::expired(session, page)
        })
        .await
    }

    async fn cancel(&self, job: JobId, act: &Act) -> Result<Cancelled, StoreError> {
        let act = act.clone();
        self.write("cancel", 1, move |session| {
            steer::cancel(session, job, &act)
        })
        .await
    }

    async fn configure(
        &self,
        queue: &QueueName,
        change: QueueChange,
        act: &Act,
    ) -> Result<QueueSettings, StoreError> {
        let (queue, act) = (queue.clone(), act.clone());
        self.write("configure", 1, move |session| {
            steer::configure(session, &queue, &change, &act)
        })
        .await
    }

    async fn queues(&self) -> Result<Vec<QueueSettings>, StoreError> {
        self.read("listing queues", queues::all).await
    }

    async fn job(&self, job: JobId) -> Result<Option<JobView>, StoreError> {
        self.read("reading a job", move |session| view::job(session, job))
            .await
    }

    async fn succeeded(
        &self,
        kind: &KindName,
        subject: &Subject,
    ) -> Result<Option<(JobId, Revision)>, StoreError> {
        let (kind, subject) = (kind.clone(), subject.clone());
        self.read("reading a subject", move |session| {
            enqueue::succeeded(session, &kind, &subject)
        })
        .await
    }

    async fn live(&self, page: Page) -> Result<Vec<JobView>, StoreError> {
        self.read("listing jobs", move |session| view::live(session, page))
            .await
    }

    async fn jobs(&self, filter: &JobFilter, page: Page) -> Result<JobPage, StoreError> {
        let filter = filter.clone();
        self.read("listing jobs", move |session| {
            jobs::page(session, &filter, page)
        })
        .await
    }

    async fn hasten(&self, job: JobId, act: &Act) -> Result<Hastened, StoreError> {
        let act = act.clone();
        self.write("hasten", 1, move |session| jobs::hasten(session, job, &act))
            .await
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        self.read("stats", stats::stats).await
    }

    async fn maintain(&self, retention: &Retention, limit: u32) -> Result<Maintained, StoreError> {
        let retention = retention.clone();
        let weight = usize::try_from(limit).unwrap_or(usize::MAX);
        self.write("maintain", weight, move |session| {
            maintain::maintain(session, &retention, limit)
        })
        .await
    }

    async fn maintain_sort(
        &self,
        retention: &Retention,
        portion: Portion,
    ) -> Result<Maintained, StoreError> {
        let retention = retention.clone();
        let weight = usize::try_from(portion.limit).unwrap_or(usize::MAX);
        self.write("maintain", weight, move |session| {
            maintain::of_sort(session, &retention, portion)
        })
        .await
    }
}
