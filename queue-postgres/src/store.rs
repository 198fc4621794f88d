//! The store: which operation runs how.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use queue_core::{
    Act, AuditRecord, Cancelled, Checkpointed, ClaimRequest, Claimed, Clock, Closure, DeadLetter,
    DeliveryBatch, DeliveryLease, DeliveryPhase, DeliveryRequest, EnqueueBatch, Enqueued, Evidence,
    ExpiredLease, Jitter, JobId, JobStore, JobView, Lease, LetterChange, LetterFilter, Maintained,
    Marked, Notification, NotificationId, NotificationState, OperatorStore, OutboxStore, Outcome,
    Page, PublishBatch, Published, QueueChange, QueueName, QueueSettings, RenewBatch, Renewed,
    ReplayBatch, Replayed, Retention, RetryPolicy, SettleBatch, Settled, Settlement, StageOutput,
    Stats, StoreError, StoreId, Timestamp, Wakeups, decide,
};
use sqlx::PgConnection;
use sqlx::postgres::PgConnectOptions;
use tokio::sync::oneshot;

use crate::bell::Bell;
use crate::fault::Fault;
use crate::ops::claim::Look;
use crate::ops::enqueue::Road;
use crate::ops::{
    audit, checkpoint, claim, enqueue, letters, maintain, outbox, queues, renew, settle, stats,
    steer, sweep, view,
};
use crate::options::PostgresOptions;
use crate::pool::Pool;
use crate::session::{Mode, Session, Setting, TRIES, pause};
use crate::sql::Dialect;

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
    options: PgConnectOptions,
    /// Queues whose last claim found limits: only a memory of where to begin.
    limited: Mutex<HashSet<QueueName>>,
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
                            (fault, Mode::$mode == Mode::Read)
                        }
                    }
                }
                // Nothing was sent that could have changed anything.
                Err(fault) => (fault, true),
            };
            attempt += 1;
            let lost = fault.is_broken() && repeatable && attempt == 1;
            if !(lost || fault.is_conflict() && attempt < TRIES) {
                break Err(fault.named($name, started.elapsed()));
            }
            tokio::time::sleep(pause(attempt)).await;
        }
    }};
}

impl PostgresStore {
    /// Opens the store that a URL names, see [`PostgresOptions::new`].
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        PostgresOptions::new(url)?.connect().await
    }

    pub(crate) fn new(
        pool: Pool,
        dialect: Dialect,
        store: StoreId,
        prepared: bool,
        clock: Clock,
        options: PgConnectOptions,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                pool: Arc::new(pool),
                setting: Arc::new(Setting {
                    dialect,
                    store,
                    prepared,
                }),
                clock,
                bell: Bell::new(),
                options,
                limited: Mutex::default(),
            }),
        }
    }

    /// Tells workers, here and in other processes, that there may be work. Needed only after a
    /// commit of one's own, see [`Self::enqueue_in`].
    pub fn ring(&self) {
        self.inner.bell.ring(&self.inner.pool, &self.inner.setting);
    }

    /// Closes all idle connections and refuses further work.
    pub async fn close(&self) {
        self.inner.pool.close().await;
    }

    /// Enqueues in the caller's own transaction: the jobs are there when it commits, or not at all.
    ///
    /// The transaction must be READ COMMITTED (the default). Nobody is woken, since that would be
    /// before the commit: call [`Self::ring`] after it, or leave the jobs to the next poll. Keys,
    /// ordering keys and the like stay locked until the transaction ends: keep it short.
    ///
    /// ```no_run
    /// use queue_core::{EnqueueBatch, NewJob};
    /// use queue_postgres::PostgresStore;
    /// use sqlx::{Connection, PgConnection};
    ///
    /// async fn place_order(
    ///     store: &PostgresStore, connection: &mut PgConnection, job: NewJob,
    /// ) -> Result<(), Box<dyn std::error::Error>> {
    ///     let mut transaction = connection.begin().await?;
    ///     sqlx::query("INSERT INTO orders DEFAULT VALUES").execute(&mut *transaction).await?;
    ///     store.enqueue_in(&mut transaction, EnqueueBatch::one(job)).await?;
    ///     transaction.commit().await?;
    ///     store.ring();
    ///     Ok(())
    /// }
    /// ```
    pub async fn enqueue_in(
        &self,
        connection: &mut PgConnection,
        batch: EnqueueBatch,
    ) -> Result<Vec<Enqueued>, StoreError> {
        let started = Instant::now();
        let result = async {
            let mut session = self.within(connection).await?;
            match enqueue::road(batch.jobs()) {
                Road::Plain => enqueue::enqueue_plain(&mut session, batch.jobs()).await,
                _ => enqueue::enqueue(&mut session, batch.jobs()).await,
            }
        };
        result
            .await
            .map_err(|fault| fault.named("enqueue", started.elapsed()))
    }

    /// Settles in the caller's own transaction, so that what the handler wrote and the end of the
    /// job commit together. As for [`Self::enqueue_in`], ring after the commit.
    pub async fn settle_in(
        &self,
        connection: &mut PgConnection,
        batch: SettleBatch,
    ) -> Result<Vec<Settled>, StoreError> {
        self.check_leases(batch.settlements().iter().map(|s| &s.lease))?;
        let started = Instant::now();
        let result = async {
            let mut session = self.within(connection).await?;
            settle::settle(&mut session, &batch).await
        };
        result
            .await
            .map_err(|fault| fault.named("settle", started.elapsed()))
    }

    /// Publishes notifications in the caller's own transaction.
    pub async fn publish_in(
        &self,
        connection: &mut PgConnection,
        batch: PublishBatch,
    ) -> Result<Vec<Published>, StoreError> {
        let started = Instant::now();
        let result = async {
            let mut session = self.within(connection).await?;
            outbox::publish(&mut session, &brought(&batch)).await
        };
        result
            .await
            .map_err(|fault| fault.named("publish", started.elapsed()))
    }

    async fn within<'c>(&'c self, connection: &'c mut PgConnection) -> Result<Session<'c>, Fault> {
        let time = self.inner.clock.override_time();
        Session::within(connection, &self.inner.setting, time).await
    }

    fn check_leases<'a>(&self, leases: impl Iterator<Item = &'a Lease>) -> Result<(), StoreError> {
        for lease in leases {
            if lease.store() != self.inner.setting.store {
                return Err(StoreError::ForeignLease { job: lease.job() });
            }
        }
        Ok(())
    }

    fn check_delivery(&self, lease: &DeliveryLease) -> Result<(), StoreError> {
        if lease.store == self.inner.setting.store {
            return Ok(());
        }
        Err(StoreError::ForeignDelivery {
            notification: lease.id,
        })
    }

    fn limited(&self) -> std::sync::MutexGuard<'_, HashSet<QueueName>> {
        self.inner
            .limited
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn claim_now(&self, request: &ClaimRequest) -> Result<Vec<Claimed>, StoreError> {
        let remembered = {
            let limited = self.limited();
            !limited.is_empty() && request.queues().iter().any(|queue| limited.contains(queue))
        };
        if !remembered {
            let look = run!(self, "claim", Single, |session| claim::claim_free(
                session, request
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

fn brought(batch: &PublishBatch) -> Vec<outbox::Brought<'_>> {
    batch
        .notifications()
        .iter()
        .map(|new| (None, new))
        .collect()
}

#[async_trait]
impl JobStore for PostgresStore {
    fn id(&self) -> StoreId {
        self.inner.setting.store
    }

    fn wakeups(&self) -> &Wakeups {
        if self.inner.setting.prepared {
            self.inner
                .bell
                .listen(&self.inner.options, &self.inner.setting);
        }
        self.inner.bell.wakeups()
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        run!(self, "now", Read, |session| session.read_time().await)
    }

    async fn enqueue(&self, batch: EnqueueBatch) -> Result<Vec<Enqueued>, StoreError> {
        let jobs = batch.jobs();
        match (enqueue::road(jobs), jobs) {
            (Road::Plain, _) => {
                return run!(self, "enqueue", Single, |session| {
                    enqueue::enqueue_plain(session, jobs).await
                });
            }
            (Road::Keyed, [job]) => {
                let stored = run!(self, "enqueue", Single, |session| {
                    enqueue::enqueue_keyed(session, job).await
                })?;
                if let Some(stored) = stored {
                    return Ok(vec![stored]);
                }
            }
            _ => {}
        }
        run!(self, "enqueue", Transaction, |session| {
            enqueue::enqueue(session, jobs).await
        })
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Vec<Claimed>, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let store = self.clone();
        // On a task of its own: whoever stops waiting in the middle cannot leave leases behind.
        tokio::spawn(async move {
            let result = store.claim_now(&request).await;
            let _ = sender.send(result.map(|claimed| Handed {
                claimed: Some(claimed),
                store,
            }));
        });
        let handed = receiver.await.map_err(|_| StoreError::Unavailable {
            operation: "claim",
            detail: "the runtime is shutting down".to_owned(),
            cause: None,
        })?;
        Ok(handed?.claimed.take().unwrap_or_default())
    }

    async fn renew(&self, batch: RenewBatch) -> Result<Vec<Renewed>, StoreError> {
        self.check_leases(batch.leases().iter())?;
        run!(self, "renew", Single, |session| {
            renew::renew(session, &batch).await
        })
    }

    async fn checkpoint(
        &self,
        lease: &Lease,
        output: StageOutput,
    ) -> Result<Checkpointed, StoreError> {
        self.check_leases(std::iter::once(lease))?;
        run!(self, "checkpoint", Transaction, |session| {
            checkpoint::checkpoint(session, lease, &output).await
        })
    }

    async fn settle(&self, batch: SettleBatch) -> Result<Vec<Settled>, StoreError> {
        self.check_leases(batch.settlements().iter().map(|s| &s.lease))?;
        let mut plain = None;
        if batch.settlements().len() == 1 {
            plain = run!(self, "settle", Single, |session| {
                settle::settle_one_plain(session, &batch).await
            })?;
        }
        let settled = match plain {
            Some(settled) => settled,
            None => run!(self, "settle", Transaction, |session| {
                settle::settle(session, &batch).await
            })?,
        };
        // A job that ended makes room where a queue bounds how many run.
        if !self.limited().is_empty() {
            self.ring();
        }
        Ok(settled)
    }

    async fn expired(&self, page: Page) -> Result<Vec<ExpiredLease>, StoreError> {
        run!(self, "expired", Read, |session| {
            sweep::expired(session, page).await
        })
    }

    async fn cancel(&self, job: JobId, act: &Act) -> Result<Cancelled, StoreError> {
        run!(self, "cancel", Transaction, |session| {
            steer::cancel(session, job, act).await
        })
    }

    async fn configure(
        &self,
        queue: &QueueName,
        change: QueueChange,
        act: &Act,
    ) -> Result<QueueSettings, StoreError> {
        run!(self, "configure", Transaction, |session| {
            queues::configure(session, queue, &change, act).await
        })
    }

    async fn queues(&self) -> Result<Vec<QueueSettings>, StoreError> {
        run!(self, "queues", Read, |session| queues::all(session).await)
    }

    async fn job(&self, job: JobId) -> Result<Option<JobView>, StoreError> {
        run!(self, "job", Read, |session| view::job(session, job).await)
    }

    async fn live(&self, page: Page) -> Result<Vec<JobView>, StoreError> {
        run!(self, "live", Read, |session| view::live(session, page)
            .await)
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        run!(self, "stats", Read, |session| stats::stats(session).await)
    }

    async fn maintain(&self, retention: &Retention, limit: u32) -> Result<Maintained, StoreError> {
        let created = run!(self, "maintain", Transaction, |session| {
            maintain::create_partitions(session).await
        });
        put_off(created)?;
        let pruned = run!(self, "maintain", Transaction, |session| {
            maintain::prune_history(session, retention, limit).await
        });
        let history = put_off(pruned)?.unwrap_or(0);
        let rest = run!(self, "maintain", Transaction, |session| {
            maintain::prune_rest(session, retention, limit).await
        })?;
        Ok(Maintained { history, ..rest })
    }
}

/// What could not have its lock in a second is left to the next upkeep.
fn put_off<T>(result: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Busy { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

#[async_trait]
impl OutboxStore for PostgresStore {
    async fn publish(&self, batch: PublishBatch) -> Result<Vec<Published>, StoreError> {
        let brought = brought(&batch);
        run!(self, "publish", Transaction, |session| {
            outbox::publish(session, &brought).await
        })
    }

    async fn lease_notifications(
        &self,
        request: DeliveryRequest,
    ) -> Result<Vec<Notification>, StoreError> {
        run!(self, "lease_notifications", Single, |session| {
            outbox::lease(session, &request).await
        })
    }

    async fn note_phase(
        &self,
        lease: &DeliveryLease,
        phase: DeliveryPhase,
    ) -> Result<bool, StoreError> {
        self.check_delivery(lease)?;
        run!(self, "note_phase", Single, |session| {
            outbox::note_phase(session, lease, phase).await
        })
    }

    async fn mark(&self, batch: DeliveryBatch) -> Result<Vec<Marked>, StoreError> {
        for (lease, _) in batch.deliveries() {
            self.check_delivery(lease)?;
        }
        run!(self, "mark", Transaction, |session| {
            outbox::mark(session, &batch).await
        })
    }

    async fn doubt_expired(&self, limit: u32) -> Result<Vec<NotificationId>, StoreError> {
        run!(self, "doubt_expired", Single, |session| {
            outbox::doubt_expired(session, limit).await
        })
    }

    async fn notifications(
        &self,
        state: NotificationState,
        page: Page,
    ) -> Result<Vec<Notification>, StoreError> {
        run!(self, "notifications", Read, |session| {
            outbox::page(session, state, page).await
        })
    }

    async fn notification(&self, id: NotificationId) -> Result<Option<Notification>, StoreError> {
        run!(self, "notification", Read, |session| {
            outbox::one(session, id).await
        })
    }
}

#[async_trait]
impl OperatorStore for PostgresStore {
    async fn dead_letters(
        &self,
        filter: &LetterFilter,
        page: Page,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        run!(self, "dead_letters", Read, |session| {
            letters::page(session, filter, page).await
        })
    }

    async fn dead_letter(&self, job: JobId) -> Result<Option<DeadLetter>, StoreError> {
        run!(self, "dead_letter", Read, |session| {
            letters::one(session, job).await
        })
    }

    async fn attach_evidence(
        &self,
        job: JobId,
        evidence: Evidence,
        act: &Act,
    ) -> Result<LetterChange, StoreError> {
        run!(self, "attach_evidence", Transaction, |session| {
            letters::attach_evidence(session, job, &evidence, act).await
        })
    }

    async fn replay(&self, batch: ReplayBatch, act: &Act) -> Result<Vec<Replayed>, StoreError> {
        run!(self, "replay", Transaction, |session| {
            letters::replay(session, &batch, act).await
        })
    }

    async fn close(
        &self,
        job: JobId,
        closure: Closure,
        act: &Act,
    ) -> Result<LetterChange, StoreError> {
        run!(self, "close", Transaction, |session| {
            letters::close(session, job, closure, act).await
        })
    }

    async fn audit(&self, page: Page) -> Result<Vec<AuditRecord>, StoreError> {
        run!(self, "audit", Read, |session| {
            audit::page(session, page).await
        })
    }
}
