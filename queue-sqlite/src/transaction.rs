//! Inside the caller's own transaction: effects, follow-ups and completion commit together.

use std::time::Instant;

use queue_core::{
    Context, Done, EnqueueBatch, Enqueued, JobError, PublishBatch, Published, SettleBatch, Settled,
    StoreError,
};
use rusqlite::Transaction;

use crate::fault::{self, Fault};
use crate::ops::{enqueue, outbox, settle};
use crate::session::{Meta, Session};
use crate::store::SqliteStore;

/// On a connection of the caller's to the same file, with `rusqlite`'s transaction.
///
/// Begin the transaction as [`TransactionBehavior::Immediate`](rusqlite::TransactionBehavior): one
/// that has read before it writes can be refused with `SQLITE_BUSY` at any moment. Keep it short,
/// since SQLite has one writer at a time, and the store's own requests wait meanwhile. Other
/// processes and idle workers of this one hear of the commit within milliseconds.
impl SqliteStore {
    /// Enqueues in the caller's transaction: the jobs are there when it commits.
    ///
    /// ```
    /// # use queue_core::{EnqueueBatch, KindName, NewJob, Payload, QueueName};
    /// # use queue_sqlite::SqliteStore;
    /// # use rusqlite::{Connection, TransactionBehavior};
    /// # let dir = tempfile::tempdir().unwrap();
    /// # let path = dir.path().join("app.db");
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    /// # let store = runtime.block_on(SqliteStore::open(&path)).unwrap();
    /// let mut conn = Connection::open(&path).unwrap();
    /// let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    /// tx.execute_batch("CREATE TABLE invoice (id INTEGER PRIMARY KEY); INSERT INTO invoice VALUES (42)")
    ///     .unwrap();
    /// let job = NewJob::new(
    ///     QueueName::new("mail").unwrap(),
    ///     KindName::new("send_invoice").unwrap(),
    ///     Payload::json(&42).unwrap(),
    /// );
    /// store.enqueue_in(&tx, &EnqueueBatch::one(job)).unwrap();
    /// tx.commit().unwrap(); // the invoice and the job, or neither
    /// ```
    pub fn enqueue_in(
        &self,
        tx: &Transaction<'_>,
        batch: &EnqueueBatch,
    ) -> Result<Vec<Enqueued>, StoreError> {
        self.inside(tx, "enqueue", |session| enqueue::enqueue(session, batch))
    }

    /// Settles in the caller's transaction: what the job did and that it is done commit together. On
    /// any answer but `Applied` what the attempt came to was refused: roll its writes back.
    ///
    /// ```
    /// # use queue_core::{
    /// #     ClaimRequest, Completion, EnqueueBatch, JobState, JobStore, KindName, NewJob, Payload,
    /// #     QueueName, SettleBatch, Transition, WorkerName,
    /// # };
    /// # use queue_sqlite::SqliteStore;
    /// # use rusqlite::{Connection, TransactionBehavior};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.db");
    /// let store = SqliteStore::open(&path).await?;
    /// # let mail = QueueName::new("mail")?;
    /// # let job = NewJob::new(mail.clone(), KindName::new("k")?, Payload::json(&42)?);
    /// # store.enqueue(EnqueueBatch::one(job)).await?;
    /// # let request = ClaimRequest::new(WorkerName::new("w")?, vec![mail], 1)?;
    /// # let job = store.claim(request).await?.remove(0);
    /// let mut conn = Connection::open(&path)?;
    /// let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    /// tx.execute_batch("CREATE TABLE ledger (amount INTEGER); INSERT INTO ledger VALUES (42)")?;
    /// let done = Transition::Finish(Completion::default());
    /// let settled = store.settle_in(&tx, &SettleBatch::one(job.lease, done)?)?;
    /// if settled[0].state() == Some(JobState::Succeeded) {
    ///     tx.commit()?; // the entry and the job's end, or neither
    /// }
    /// # assert_eq!(store.job(job.id()).await?.map(|job| job.state), Some(JobState::Succeeded));
    /// # Ok(())
    /// # }
    /// ```
    pub fn settle_in(
        &self,
        tx: &Transaction<'_>,
        batch: &SettleBatch,
    ) -> Result<Vec<Settled>, StoreError> {
        self.check_leases(batch.settlements().iter().map(|one| &one.lease))?;
        self.inside(tx, "settle", |session| settle::settle(session, batch))
    }

    /// Ends a handler's job in the handler's own transaction, so that what it wrote and the end of the
    /// job commit together. Commit, and return what this returns; if it is an error, the job is not
    /// this worker's any more, or is not wanted: drop the transaction, and return the error.
    ///
    /// ```
    /// use queue_core::{Context, Done, Job, JobError, Queue, Worker};
    /// use queue_sqlite::SqliteStore;
    /// use rusqlite::{Connection, TransactionBehavior};
    /// # use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Serialize, Deserialize)]
    /// struct Confirm { order: i64 }
    /// impl Job for Confirm { const KIND: &'static str = "confirm"; }
    ///
    /// struct App { store: SqliteStore, path: std::path::PathBuf }
    ///
    /// async fn confirm(job: Confirm, ctx: Context<App>) -> Result<Done, JobError> {
    ///     // SQLite blocks the thread while it waits for its turn: the runtime has to know.
    ///     tokio::task::block_in_place(|| {
    ///         let mut connection = Connection::open(&ctx.state().path)?;
    ///         let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    ///         tx.execute("UPDATE orders SET confirmed = 1 WHERE id = ?1", [job.order])?;
    ///         let done = ctx.state().store.complete_in(&tx, &ctx, Done::new())?;
    ///         tx.commit()?;
    ///         Ok(done)
    ///     })
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.db");
    /// # let store = SqliteStore::open(&path).await?;
    /// # let connection = Connection::open(&path)?;
    /// # connection.execute_batch("CREATE TABLE orders AS SELECT 42 AS id, 0 AS confirmed")?;
    /// let queue = Queue::new(store.clone());
    /// queue.enqueue(Confirm { order: 42 }).await?;
    /// let worker = Worker::builder_with(queue, App { store, path }).handle(confirm).build()?;
    /// assert_eq!(worker.drain().await?.succeeded, 1);
    /// # let confirmed: i64 = connection.query_row("SELECT confirmed FROM orders", [], |row| row.get(0))?;
    /// # assert_eq!(confirmed, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn complete_in<S>(
        &self,
        tx: &Transaction<'_>,
        context: &Context<S>,
        done: Done,
    ) -> Result<Done, JobError> {
        let settled = self.settle_in(tx, &context.settlement(done)?)?;
        context.settled(&settled)
    }

    /// Stores notifications in the caller's transaction: they are sent when it commits.
    ///
    /// ```
    /// # use queue_core::{
    /// #     ChannelName, Intent, NewNotification, NotificationState, OutboxStore, Page, Payload,
    /// #     PublishBatch, Purpose, Recipient, Revision, Subject,
    /// # };
    /// # use queue_sqlite::SqliteStore;
    /// # use rusqlite::{Connection, TransactionBehavior};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("app.db");
    /// # let intent = Intent {
    /// #     channel: ChannelName::new("email")?,
    /// #     purpose: Purpose::new("invoice")?,
    /// #     subject: Subject::new("order:42")?,
    /// #     recipient: Recipient::new("ada@example.org")?,
    /// #     revision: Revision::new(1),
    /// # };
    /// let store = SqliteStore::open(&path).await?;
    /// let mut conn = Connection::open(&path)?;
    /// let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    /// let invoice = NewNotification::new(intent, Payload::new("Dear Ada, …", "text/plain")?);
    /// store.publish_in(&tx, &PublishBatch::new(vec![invoice])?)?;
    /// tx.commit()?;
    /// let pending = store.notifications(NotificationState::Pending, Page::first(10)?).await?;
    /// assert_eq!(pending.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn publish_in(
        &self,
        tx: &Transaction<'_>,
        batch: &PublishBatch,
    ) -> Result<Vec<Published>, StoreError> {
        self.inside(tx, "publish", |session| outbox::publish(session, batch))
    }

    /// The same operation as the writer's, on the caller's connection. An error leaves what it had
    /// written in the transaction: roll it back.
    fn inside<T>(
        &self,
        tx: &Transaction<'_>,
        operation: &'static str,
        work: impl FnOnce(&Session<'_>) -> fault::Result<T>,
    ) -> Result<T, StoreError> {
        let begun = Instant::now();
        let clock = &self.0.shared.clock;
        let elsewhere = || {
            StoreError::refused(
                "the caller's transaction",
                "it is on another database than the store",
                "open the connection on the store's own file",
            )
        };
        let meta = Meta::load(tx).map_err(|fault| match fault {
            // There is no queue at all, and none belongs there.
            Fault::Store(StoreError::SchemaMismatch { found: 0, .. }) => elsewhere().into(),
            fault => fault,
        });
        let carried_out = meta.and_then(|meta| {
            if meta.store() != self.0.id {
                return Err(elsewhere().into());
            }
            let value = work(&Session::new(tx, &meta, clock))?;
            meta.save(tx, clock)?;
            Ok(value)
        });
        carried_out.map_err(|fault| fault.named(operation, begun.elapsed()))
    }
}
