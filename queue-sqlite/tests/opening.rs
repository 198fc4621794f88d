//! What is refused, and what the user is told to do instead.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::path::Path;
use std::time::{Duration, Instant};

use queue_core::{EnqueueBatch, JobStore, KindName, NewJob, Payload, QueueName, StoreError};
use queue_sqlite::{SqliteOptions, SqliteStore};
use rusqlite::{Connection, TransactionBehavior};

fn job() -> EnqueueBatch {
    EnqueueBatch::one(NewJob::new(
        QueueName::new("q").unwrap(),
        KindName::new("k").unwrap(),
        Payload::json(&1).unwrap(),
    ))
}

async fn refusal(path: impl AsRef<Path>) -> String {
    let error = SqliteStore::open(path.as_ref()).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_path_that_cannot_hold_a_database_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let message = refusal(dir.path()).await;
    assert!(message.contains("it is a directory; give the path of a file"));
    let message = refusal(dir.path().join("missing/jobs.db")).await;
    assert!(message.contains("there is no directory") && message.contains("create it"));
    for odd in ["", ":memory:", "file:jobs.db?mode=memory"] {
        assert!(refusal(odd).await.contains("a durable queue needs a file"));
    }
    // Not even root can create a file there.
    let message = refusal("/proc/leasehold.db").await;
    assert!(message.contains("make the file and its directory writable"));
    let missing = SqliteOptions::new(dir.path().join("jobs.db")).create_if_missing(false);
    let error = missing.open().await.unwrap_err().to_string();
    assert!(error.contains("there is no such file"), "{error}");
    assert!(!dir.path().join("jobs.db").exists());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    let text = "It was a dark and stormy night; the rain fell in torrents.".repeat(100);
    std::fs::write(&path, &text).unwrap();
    let message = refusal(&path).await;
    assert!(message.contains("it is not a SQLite database; give another path"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    // Reading from it would never return.
    assert!(refusal("/dev/zero").await.contains("not a regular file"));
}

/// I1: nobody who opens the path would ever see what is written to the old file.
#[tokio::test]
async fn a_file_that_was_moved_away_takes_no_jobs() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.enqueue(job()).await.unwrap();
    let away = dir.path().join("away.db");
    std::fs::rename(&path, &away).unwrap();
    for again in [false, true] {
        if again {
            std::fs::write(&path, "").unwrap();
        }
        let error = store.enqueue(job()).await.unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{error}");
        assert!(error.to_string().contains("was moved, replaced or removed"));
    }
    std::fs::rename(&away, &path).unwrap();
    store.enqueue(job()).await.unwrap();
}

/// I9: it may be another database's, with a password in it.
#[tokio::test]
async fn another_databases_url_is_refused_and_not_repeated() {
    for url in ["postgres://u:hush@host/db", "u:hush@host"] {
        let error = SqliteStore::connect(url).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
    }
    let error = SqliteStore::connect("postgres://h/db").await.unwrap_err();
    assert!(error.to_string().contains("PostgresStore"), "{error}");
}

#[tokio::test]
async fn a_transaction_that_read_too_early_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let mut conn = Connection::open(&path).unwrap();
    let tx = conn.transaction().unwrap();
    tx.query_row("SELECT count(*) FROM leasehold_jobs", [], |_| Ok(()))
        .unwrap();
    store.enqueue(job()).await.unwrap();
    let error = store.enqueue_in(&tx, &job()).unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("TransactionBehavior::Immediate"));
    drop(tx);

    let other = Connection::open_in_memory().unwrap();
    let error = store.enqueue_in(&other.unchecked_transaction().unwrap(), &job());
    let told = error.unwrap_err().to_string();
    assert!(
        told.contains("on another database than the store"),
        "{told}"
    );
}

#[tokio::test]
async fn a_truncated_database_is_reported_as_damaged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    drop(SqliteStore::open(&path).await.unwrap());
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains("restore a backup"), "{error}");
}

#[tokio::test]
async fn a_damaged_page_is_reported_and_not_taken_for_an_empty_queue() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.enqueue(job()).await.unwrap();
    drop(store);
    let conn = Connection::open(&path).unwrap();
    let page: u32 = conn
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'leasehold_job_ready'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    drop(conn);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[(page as usize - 1) * 4096..][..100].fill(0xff);
    std::fs::write(&path, bytes).unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    let error = store.enqueue(job()).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
}

#[tokio::test]
async fn an_empty_file_and_an_apps_own_database_get_the_schema() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    SqliteStore::open(&empty).await.unwrap();
    let apps = dir.path().join("app.db");
    let conn = Connection::open(&apps).unwrap();
    conn.execute_batch("CREATE TABLE invoice (id INTEGER PRIMARY KEY)")
        .unwrap();
    let store = SqliteStore::open(&apps).await.unwrap();
    store.enqueue(job()).await.unwrap();
}

#[tokio::test]
async fn a_url_opens_the_same_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("my jobs.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let url = format!(
        "sqlite:{}?synchronous=normal&create=false",
        path.display().to_string().replace(' ', "%20")
    );
    let again = SqliteStore::connect(&url).await.unwrap();
    assert_eq!(store.id(), again.id());
    assert!(format!("{again:?}").contains("my jobs.db"));
}

#[tokio::test]
async fn closing_leaves_one_file_and_the_job_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let id = store.enqueue(job()).await.unwrap()[0].job();
    drop(store);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    let store = SqliteStore::open(&path).await.unwrap();
    assert!(store.job(id).await.unwrap().is_some());
    // Ids never repeat, also after the highest one has gone.
    let next = store.enqueue(job()).await.unwrap()[0].job();
    assert!(next > id);
}

#[tokio::test]
async fn a_database_that_others_hold_is_busy_within_the_bound() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    let patience = Duration::from_millis(200);
    let store = SqliteOptions::new(&path)
        .busy_timeout(patience)
        .open()
        .await
        .unwrap();
    let mut conn = Connection::open(&path).unwrap();
    let tx = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .unwrap();
    let begun = Instant::now();
    let error = store.enqueue(job()).await.unwrap_err();
    assert!(error.is_transient());
    assert!(
        matches!(error, StoreError::Busy { operation: "enqueue", waited, .. }
            if waited >= patience && waited <= begun.elapsed())
    );
    // Reading goes on beside it.
    store.stats().await.unwrap();
    tx.rollback().unwrap();
    store.enqueue(job()).await.unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_what_to_update() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    drop(SqliteStore::open(&path).await.unwrap());
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("INSERT INTO leasehold_migration VALUES (99, 'to come', 'checksum', 0)")
        .unwrap();
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert_eq!(error.code(), "schema_mismatch");
    let told = error.to_string();
    assert!(told.contains("schema version 99"), "{told}");
    assert!(told.contains("update this program"), "{told}");
}

#[tokio::test]
async fn tables_of_others_under_our_names_are_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    for (n, table) in ["leasehold_job (a)", "leasehold_migration (a)"]
        .into_iter()
        .enumerate()
    {
        let path = dir.path().join(format!("{n}.db"));
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch(&format!("CREATE TABLE {table}"))
            .unwrap();
        let told = refusal(&path).await;
        assert!(told.contains("not this library's"), "{told}");
        assert!(told.contains("use another file"), "{told}");
        let tables: u32 = conn
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .unwrap();
        assert_eq!(tables, 1, "nothing was added");
    }
}

/// The locks that this process holds on the file.
#[cfg(target_os = "linux")]
fn locks_on(path: &Path) -> usize {
    use std::os::unix::fs::MetadataExt;
    let inode = format!(":{} ", std::fs::metadata(path).unwrap().ino());
    let ours = format!(" {} ", std::process::id());
    let locks = std::fs::read_to_string("/proc/locks").unwrap();
    let held = |line: &&str| line.contains(&inode) && line.contains(&ours);
    locks.lines().filter(held).count()
}

/// A service has connections of its own on the file. Without their locks another process that closes the
/// file takes itself for the last one, and removes the log that they still write to.
#[tokio::test]
#[cfg(target_os = "linux")]
async fn opening_a_store_takes_no_locks_away_from_others_in_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE app (a)")
        .unwrap();
    let held = locks_on(&path);
    assert!(
        held > 0,
        "SQLite holds a lock on each file that is open in WAL mode"
    );
    let store = SqliteStore::open(&path).await.unwrap();
    assert_eq!(locks_on(&path), held);
    drop(store);
    let missing = SqliteOptions::new(&path).create_if_missing(false);
    drop(missing.survey().await.unwrap());
    assert_eq!(locks_on(&path), held);
    drop(conn);
}
