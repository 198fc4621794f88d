//! Inside the caller's own transaction: effects, follow-ups and completion commit together.

use std::time::Duration;

use queue_core::{
    EnqueueBatch, Enqueued, PublishBatch, Published, SettleBatch, Settled, StoreError,
};
use rusqlite::Transaction;

use crate::fault;
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

    /// Settles in the caller's transaction: what the job did and that it is done commit together.
    pub fn settle_in(
        &self,
        tx: &Transaction<'_>,
        batch: &SettleBatch,
    ) -> Result<Vec<Settled>, StoreError> {
        self.check_leases(batch.settlements().iter().map(|one| &one.lease))?;
        self.inside(tx, "settle", |session| settle::settle(session, batch))
    }

    /// Stores notifications in the caller's transaction.
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
        let clock = &self.0.shared.clock;
        let carried_out = Meta::load(tx).and_then(|meta| {
            if meta.store() != self.0.id {
                return Err(StoreError::refused(
                    "the caller's transaction",
                    "it is on another database than the store",
                    "open the connection on the store's own file",
                )
                .into());
            }
            let value = work(&Session::new(tx, &meta, clock))?;
            meta.save(tx, clock)?;
            Ok(value)
        });
        // The caller's connection waited as its own busy timeout says.
        let waited = tx
            .query_row("PRAGMA busy_timeout", [], |row| row.get::<_, u32>(0))
            .map_or(Duration::ZERO, |millis| {
                Duration::from_millis(millis.into())
            });
        carried_out.map_err(|fault| fault.named(operation, waited))
    }
}
