//! The store: which operation runs how.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use queue_core::{
    ClaimRequest, Claimed, Clock, Context, DeliveryLease, Done, EnqueueBatch, Enqueued, Jitter,
    JobError, JobStore, Lease, NewJob, Outcome, PublishBatch, Published, QueueName, RetryPolicy,
    SettleBatch, Settled, Settlement, StoreError, decide,
};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Postgres, Transaction};

use crate::bell::Bell;
use crate::fault::Fault;
use crate::floors::Floors;
use crate::intake::Intake;
use crate::migrations;
use crate::ops::claim::Look;
use crate::ops::enqueue::Road;
use crate::ops::publish::Brought;
use crate::ops::{claim, enqueue, publish, settle};
use crate::options::PostgresOptions;
use crate::pool::Pool;
use crate::session::{Mode, Session, Setting, TRIES, pause};

/// Leasehold's store on Postgres.
///
/// Cheap to clone: all clones are one store, with one pool of connections.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    pool: Arc<Pool>,
    setting: Arc<Setting>,
    clock: Clock,
    bell: Bell,
    intake: Intake,
    /// Where one can listen, if anywhere.
    listen: Option<PgConnectOptions>,
    /// Queues whose last claim found limits: only a memory of where to begin.
    limited: Mutex<HashSet<QueueName>>,
    floors: Floors,
}

/// Runs an operation: takes a connection, opens and ends its transaction, tries again what was
/// rolled back for the sake of others, and wakes whoever waits for what it brought.
macro_rules! run {
    ($store:expr, $name:literal, $mode:ident, |$session:ident| $body:expr) => {{
        let inner = &$store.inner;
        let started = Instant::now();
        let mut attempt = 0;
        loop {
            let mut pooled = inner.pool.acquire($name).await?;
            let connection = pooled
                .connection()
                .map_err(|error| Fault::Sql(error).named($name, started.elapsed()))?;
            let time = inner.clock.override_time();
            let begun = Session::begin(connection, &inner.setting, time, Mode::$mode).await;
            let (fault, repeatable) = match begun {
                Ok(mut session) => {
                    let result = {
                        let $session = &mut session;
                        $body
                    };
                    match session.end(result).await {
                        Ok((value, woke)) => {
                            pooled.give_back();
                            if woke {
                                $store.ring();
                            }
                            break Ok(value);
                        }
                        Err(fault) => {
                            if !fault.is_broken() {
                                pooled.give_back();
                            }
                            let repeatable = Mode::$mode == Mode::Read || fault.was_never_sent();
                            (fault, repeatable)
                        }
                    }
                }
                // Nothing was sent that could have changed anything.
                Err(fault) => (fault, true),
            };
            attempt += 1;
            if fault.is_broken() {
                inner.pool.distrust();
            }
            let lost = fault.is_broken() && repeatable && attempt == 1;
            if !(lost || fault.is_conflict() && attempt < TRIES) {
                let fault = $store.explained(fault).await;
                break Err(fault.named($name, started.elapsed()));
            }
            tokio::time::sleep(pause(attempt)).await;
        }
    }};
}

mod job_port;
mod leader_port;
mod operator_port;
mod outbox_port;
mod pulse;
mod replay_port;
mod retention_port;
mod schedule_port;

impl PostgresStore {
    /// Opens the store that a URL names, see [`PostgresOptions::new`].
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        PostgresOptions::new(url)?.connect().await
    }

    pub(crate) fn new(
        pool: Pool,
        setting: Setting,
        clock: Clock,
        listen: Option<PgConnectOptions>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                pool: Arc::new(pool),
                setting: Arc::new(setting),
                clock,
                bell: Bell::new(),
                intake: Intake::default(),
                listen,
                limited: Mutex::default(),
                floors: Floors::default(),
            }),
        }
    }

    /// Tells workers, here and in other processes, that there may be work. Needed only after a
    /// commit of one's own, see [`Self::enqueue_in`].
    pub fn ring(&self) {
        self.inner.bell.ring(&self.inner.pool, &self.inner.setting);
    }

    /// Closes all idle connections and refuses further work.
    pub async fn disconnect(&self) {
        self.inner.pool.close().await;
    }

    /// Enqueues in the caller's own transaction: the jobs are there when it commits, or not at all.
    ///
    /// The transaction must be one on the store's own database and READ COMMITTED (the server's
    /// default unless somebody changed it); another is refused before anything is written. Nobody is
    /// woken, since that would be before the commit: call [`Self::ring`] after it, or leave the jobs
    /// to the next poll. Keys, ordering keys and the like stay locked until the transaction ends: keep
    /// it short.
    ///
    /// After an error roll the transaction back.
    ///
    /// ```
    /// use queue_core::{EnqueueBatch, KindName, NewJob, Payload, QueueName};
    /// # use queue_core::{JobStore, Page};
    /// use queue_postgres::PostgresStore;
    /// use sqlx::{Connection, PgConnection};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let cluster = fixtures::postgres::PostgresCluster::start();
    /// # let url = cluster.create_database();
    /// # let store = PostgresStore::connect(&format!("{url}&migrate=true")).await?;
    /// # let mut connection = PgConnection::connect(&url).await?;
    /// # sqlx::query("CREATE TABLE orders (id int)").execute(&mut connection).await?;
    /// let job = NewJob::new(QueueName::new("mail")?, KindName::new("confirm")?, Payload::json(&42)?);
    ///
    /// let mut transaction = connection.begin().await?;
    /// sqlx::query("INSERT INTO orders (id) VALUES (42)").execute(&mut *transaction).await?;
    /// store.enqueue_in(&mut transaction, &EnqueueBatch::one(job)).await?;
    /// # assert!(store.live(Page::first(1)?).await?.is_empty());
    /// transaction.commit().await?; // the order and the job, or neither
    /// store.ring();
    /// # assert_eq!(store.live(Page::first(2)?).await?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A connection on which nothing was begun would commit each statement on its own, and is not a
    /// transaction to the compiler:
    ///
    /// ```compile_fail,E0308
    /// # use queue_core::EnqueueBatch;
    /// # async fn example(store: &queue_postgres::PostgresStore, batch: &EnqueueBatch, connection: &mut sqlx::PgConnection) {
    /// store.enqueue_in(connection, batch).await;
    /// # }
    /// ```
    pub async fn enqueue_in(
        &self,
        transaction: &mut Transaction<'_, Postgres>,
        batch: &EnqueueBatch,
    ) -> Result<Vec<Enqueued>, StoreError> {
        let started = Instant::now();
        let result = async {
            let mut session = self.within(transaction).await?;
            match enqueue::road(batch.jobs()) {
                Road::Plain => enqueue::enqueue_plain(&mut session, batch.jobs()).await,
                _ => enqueue::enqueue(&mut session, batch.jobs()).await,
            }
        };
        match result.await {
            Ok(value) => Ok(value),
            Err(fault) => Err(self
                .explained(fault)
                .await
                .named("enqueue", started.elapsed())),
        }
    }

    /// Settles in the caller's own transaction, so that what the handler wrote and the end of the
    /// job commit together. As for [`Self::enqueue_in`], ring after the commit.
    ///
    /// ```
    /// use queue_core::{ClaimRequest, Completion, SettleBatch, Settled, Settlement, Transition};
    /// # use queue_core::{EnqueueBatch, JobStore, KindName, NewJob, Payload, QueueName, WorkerName};
    /// # use queue_postgres::PostgresStore;
    /// # use sqlx::{Connection, PgConnection};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let cluster = fixtures::postgres::PostgresCluster::start();
    /// # let url = cluster.create_database();
    /// # let store = PostgresStore::connect(&format!("{url}&migrate=true")).await?;
    /// # let mut connection = PgConnection::connect(&url).await?;
    /// # sqlx::query("CREATE TABLE orders AS SELECT 42 AS id, false AS confirmed").execute(&mut connection).await?;
    /// # let queue = QueueName::new("mail")?;
    /// # let job = NewJob::new(queue.clone(), KindName::new("confirm")?, Payload::json(&42)?);
    /// # store.enqueue(EnqueueBatch::one(job)).await?;
    /// let request = ClaimRequest::new(WorkerName::new("w1")?, vec![queue], 1)?;
    /// for job in store.claim(request).await? {
    ///     let mut transaction = connection.begin().await?;
    ///     sqlx::query("UPDATE orders SET confirmed = true WHERE id = $1")
    ///         .bind(job.payload.read::<i32>()?)
    ///         .execute(&mut *transaction)
    ///         .await?;
    ///     let done = SettleBatch::new(vec![Settlement {
    ///         lease: job.lease,
    ///         transition: Transition::Finish(Completion::default()),
    ///     }])?;
    ///     match store.settle_in(&mut transaction, &done).await?.as_slice() {
    ///         // Somebody else has the job by now, and will confirm the order.
    ///         [Settled::LeaseLost] => transaction.rollback().await?,
    ///         _ => transaction.commit().await?,
    ///     }
    /// }
    /// # let confirmed = sqlx::query("SELECT FROM orders WHERE confirmed").fetch_all(&mut connection).await?;
    /// # assert_eq!(confirmed.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn settle_in(
        &self,
        transaction: &mut Transaction<'_, Postgres>,
        batch: &SettleBatch,
    ) -> Result<Vec<Settled>, StoreError> {
        self.check_leases(batch.settlements().iter().map(|s| &s.lease))?;
        let started = Instant::now();
        let result = async {
            let mut session = self.within(transaction).await?;
            settle::settle(&mut session, batch, None).await
        };
        match result.await {
            Ok(value) => Ok(value),
            Err(fault) => Err(self
                .explained(fault)
                .await
                .named("settle", started.elapsed())),
        }
    }

    /// Ends a handler's job in the handler's own transaction, so that what it wrote and the end of the
    /// job commit together. Commit, and return what this returns; if it is an error, the job is not
    /// this worker's any more, or is not wanted: drop the transaction, and return the error.
    ///
    /// ```
    /// use queue_core::{Context, Done, Job, JobError, Queue, Worker};
    /// use queue_postgres::PostgresStore;
    /// use sqlx::{Connection, PgConnection};
    /// # use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Serialize, Deserialize)]
    /// struct Confirm { order: i32 }
    /// impl Job for Confirm { const KIND: &'static str = "confirm"; }
    ///
    /// struct App { store: PostgresStore, url: String }
    ///
    /// async fn confirm(job: Confirm, ctx: Context<App>) -> Result<Done, JobError> {
    ///     let mut connection = PgConnection::connect(&ctx.state().url).await?;
    ///     let mut tx = connection.begin().await?;
    ///     sqlx::query("UPDATE orders SET confirmed = true WHERE id = $1")
    ///         .bind(job.order)
    ///         .execute(&mut *tx)
    ///         .await?;
    ///     let done = ctx.state().store.complete_in(&mut tx, &ctx, Done::new()).await?;
    ///     tx.commit().await?;
    ///     Ok(done)
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let cluster = fixtures::postgres::PostgresCluster::start();
    /// # let url = cluster.create_database();
    /// # let store = PostgresStore::connect(&format!("{url}&migrate=true")).await?;
    /// # let mut connection = PgConnection::connect(&url).await?;
    /// # sqlx::query("CREATE TABLE orders AS SELECT 42 AS id, false AS confirmed").execute(&mut connection).await?;
    /// let queue = Queue::new(store.clone());
    /// queue.enqueue(Confirm { order: 42 }).await?;
    /// let worker = Worker::builder_with(queue, App { store, url }).handle(confirm).build()?;
    /// assert_eq!(worker.drain().await?.succeeded, 1);
    /// # let confirmed = sqlx::query("SELECT FROM orders WHERE confirmed").fetch_all(&mut connection).await?;
    /// # assert_eq!(confirmed.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn complete_in<S>(
        &self,
        transaction: &mut Transaction<'_, Postgres>,
        context: &Context<S>,
        done: Done,
    ) -> Result<Done, JobError> {
        let batch = context.settlement(done)?;
        let settled = self.settle_in(transaction, &batch).await?;
        context.settled(&settled)
    }

    /// Publishes notifications in the caller's own transaction.
    pub async fn publish_in(
        &self,
        transaction: &mut Transaction<'_, Postgres>,
        batch: &PublishBatch,
    ) -> Result<Vec<Published>, StoreError> {
        let started = Instant::now();
        let result = async {
            let mut session = self.within(transaction).await?;
            publish::publish(&mut session, &brought(batch)).await
        };
        match result.await {
            Ok(value) => Ok(value),
            Err(fault) => Err(self
                .explained(fault)
                .await
                .named("publish", started.elapsed())),
        }
    }

    async fn within<'c>(
        &'c self,
        transaction: &'c mut Transaction<'_, Postgres>,
    ) -> Result<Session<'c>, Fault> {
        let time = self.inner.clock.override_time();
        Session::within(transaction, &self.inner.setting, time).await
    }

    /// What is missing may be missing since the schema is of another version now: which one is asked.
    async fn explained(&self, fault: Fault) -> Fault {
        if !fault.is_about_schema() {
            return fault;
        }
        let Ok(mut pooled) = self.inner.pool.acquire("schema").await else {
            return fault;
        };
        let Ok(connection) = pooled.connection() else {
            return fault;
        };
        match migrations::found(connection, &self.inner.setting.dialect).await {
            Ok(found) if found != migrations::NEWEST => StoreError::SchemaMismatch {
                found,
                supported: migrations::NEWEST,
            }
            .into(),
            Err(Fault::Store(error)) => error.into(),
            _ => fault,
        }
    }

    fn check_leases<'a>(&self, leases: impl Iterator<Item = &'a Lease>) -> Result<(), StoreError> {
        for lease in leases {
            if lease.store() != self.inner.setting.store {
                return Err(StoreError::ForeignLease { job: lease.job() });
            }
        }
        Ok(())
    }

    fn check_deliveries<'a>(
        &self,
        leases: impl IntoIterator<Item = &'a DeliveryLease>,
    ) -> Result<(), StoreError> {
        let store = self.inner.setting.store;
        let foreign = leases.into_iter().find(|lease| lease.store != store);
        foreign.map_or(Ok(()), |lease| {
            Err(StoreError::ForeignDelivery {
                notification: lease.id,
            })
        })
    }

    /// Tells those of this process who wait for something to do that there may be. Who delivers
    /// elsewhere polls.
    fn ring_here(&self) {
        self.inner.bell.wakeups().ring();
    }

    fn limited(&self) -> std::sync::MutexGuard<'_, HashSet<QueueName>> {
        self.inner
            .limited
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn intake(&self) -> &Intake {
        &self.inner.intake
    }

    /// Stores jobs that [`enqueue::road`] found plain, in one statement.
    pub(crate) async fn enqueue_plain(&self, jobs: &[NewJob]) -> Result<Vec<Enqueued>, StoreError> {
        run!(self, "enqueue", Single, |session| {
            enqueue::enqueue_plain(session, jobs).await
        })
    }

    async fn claim_now(&self, request: &ClaimRequest) -> Result<Vec<Claimed>, StoreError> {
        let remembered = {
            let limited = self.limited();
            !limited.is_empty() && request.queues().iter().any(|queue| limited.contains(queue))
        };
        if !remembered {
            let look = run!(self, "claim", Single, |session| claim::claim_free(
                session,
                request,
                &self.inner.floors
            )
            .await)?;
            if let Look::Taken(claimed) = look {
                return Ok(claimed);
            }
        }
        let (claimed, limited) = run!(self, "claim", Transaction, |session| {
            claim::claim_limited(session, request).await
        })?;
        let mut known = self.limited();
        for queue in request.queues() {
            if limited.contains(queue) {
                known.insert(queue.clone());
            } else {
                known.remove(queue);
            }
        }
        Ok(claimed)
    }

    /// Gives leases back that nobody waits for any more.
    async fn give_back(&self, claimed: Vec<Claimed>) {
        let policy = RetryPolicy::default();
        let settlements = claimed.into_iter().map(|job| Settlement {
            lease: job.lease,
            transition: decide(
                Outcome::Released,
                &job.progress,
                job.max_attempts,
                &policy,
                Jitter::fixed(0.0),
            ),
        });
        let Ok(batch) = SettleBatch::new(settlements.collect()) else {
            return;
        };
        if let Err(error) = self.settle(batch).await {
            tracing::warn!(%error, "leases that nobody waits for were not given back; they run out");
        }
    }
}

/// Jobs on their way to whoever asked for them: if nobody takes them, they go back.
struct Handed {
    claimed: Option<Vec<Claimed>>,
    store: PostgresStore,
}

impl Drop for Handed {
    fn drop(&mut self) {
        let Some(claimed) = self.claimed.take().filter(|claimed| !claimed.is_empty()) else {
            return;
        };
        let store = self.store.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { store.give_back(claimed).await });
        }
    }
}

fn brought(batch: &PublishBatch) -> Vec<Brought<'_>> {
    batch
        .notifications()
        .iter()
        .map(|new| (None, new))
        .collect()
}
