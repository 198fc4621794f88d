//! The codes of the catalogue that only a database gives, brought about on SQLite.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use fixtures::bed::job;
use fixtures::catalogue::{Place, class_of, run};
use queue_core::catalogue::Code;
use queue_core::{EnqueueBatch, JobStore};
use queue_sqlite::{SqliteOptions, SqliteStore};
use rusqlite::{Connection, TransactionBehavior};
use tempfile::TempDir;

#[test]
fn what_an_entry_tells_of_gives_its_code() {
    Place::Sqlite.provoke(&[
        (Code::StoreBusy, || run(busy())),
        (Code::StoreSchemaMismatch, || run(schema_mismatch())),
        (Code::StoreCorrupt, || run(corrupt())),
        (Code::StoreRefused, || run(refused())),
        (Code::StoreBackend, || run(backend())),
    ]);
}

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    (dir, path)
}

async fn enqueue(store: &SqliteStore) -> String {
    class_of(store.enqueue(EnqueueBatch::one(job())).await.unwrap_err())
}

async fn open(options: SqliteOptions) -> String {
    class_of(options.open().await.unwrap_err())
}

/// A connection of somebody else holds the write lock.
async fn busy() -> String {
    let (_dir, path) = place();
    let options = SqliteOptions::new(&path).busy_timeout(Duration::from_millis(50));
    let store = options.open().await.unwrap();
    let mut conn = Connection::open(&path).unwrap();
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate);
    let _held = tx.unwrap();
    enqueue(&store).await
}

async fn schema_mismatch() -> String {
    let (_dir, path) = place();
    open(SqliteOptions::new(path).migrate_on_open(false)).await
}

async fn corrupt() -> String {
    let (_dir, path) = place();
    drop(SqliteStore::open(&path).await.unwrap());
    let whole = fs::read(&path).unwrap();
    let (half, _) = whole.split_at(whole.len() / 2);
    fs::write(&path, half).unwrap();
    open(SqliteOptions::new(path)).await
}

async fn refused() -> String {
    let (dir, _) = place();
    open(SqliteOptions::new(dir.path())).await
}

async fn backend() -> String {
    let (_dir, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let trap = "CREATE TRIGGER trap BEFORE INSERT ON leasehold_job
                BEGIN SELECT RAISE(ABORT, 'trapped'); END";
    Connection::open(&path)
        .unwrap()
        .execute_batch(trap)
        .unwrap();
    enqueue(&store).await
}
