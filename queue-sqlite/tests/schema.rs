//! The schema as the migrations make it, compared with the picture that is kept of it.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::path::Path;

use queue_core::migration::MigrationTarget;
use queue_core::{NotificationId, OutboxStore, StoreError};
use queue_sqlite::{SqliteOptions, SqliteStore};
use rusqlite::Connection;

/// The version that this build knows.
const NEWEST: u32 = 9;

fn picture(path: &Path) -> String {
    let conn = Connection::open(path).unwrap();
    let mut statement = conn
        .prepare(
            "SELECT sql FROM sqlite_schema WHERE tbl_name LIKE 'leasehold_%' AND sql IS NOT NULL
             ORDER BY type = 'trigger', type = 'view', tbl_name, type DESC, name",
        )
        .unwrap();
    let made: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    made.join(";\n\n") + ";\n"
}

#[tokio::test]
async fn the_migrations_make_the_schema_of_the_picture() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jobs.db");
    assert_eq!(SqliteOptions::new(&file).migrate().await.unwrap(), NEWEST);
    let made = picture(&file);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.sql");
    if std::env::var_os("LEASEHOLD_UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == kept,
        "schema.sql is not what the migrations make; with LEASEHOLD_UPDATE=1 this test writes it:\n{made}"
    );
}

#[tokio::test]
async fn it_goes_down_step_by_step_and_leaves_others_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jobs.db");
    let options = SqliteOptions::new(&file);
    options.migrate().await.unwrap();
    let newest = picture(&file);
    let conn = Connection::open(&file).unwrap();
    conn.execute_batch("CREATE TABLE invoice (id INTEGER PRIMARY KEY)")
        .unwrap();

    let to = |version| options.migrate_to(MigrationTarget::Version(version));
    assert_eq!(to(1).await.unwrap(), 1);
    assert!(!picture(&file).contains("leasehold_enqueue"));
    assert_eq!(options.migrate().await.unwrap(), NEWEST);
    assert_eq!(picture(&file), newest);
    assert_eq!(to(0).await.unwrap(), 0);
    assert_eq!(picture(&file), ";\n");
    let left: String = conn
        .query_row("SELECT name FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, "invoice");
    let error = to(NEWEST + 1).await.unwrap_err();
    assert!(
        error.to_string().contains(&format!("from 0 to {NEWEST}")),
        "{error}"
    );
}

#[tokio::test]
async fn an_older_or_newer_or_missing_schema_is_refused_by_opening() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jobs.db");
    let options = SqliteOptions::new(&file);
    let mismatch = |error: StoreError| match error {
        StoreError::SchemaMismatch { found, supported } => (found, supported),
        other => panic!("{other}"),
    };
    let error = options
        .clone()
        .migrate_on_open(false)
        .open()
        .await
        .unwrap_err();
    assert_eq!(mismatch(error), (0, NEWEST));
    options
        .migrate_to(MigrationTarget::Version(1))
        .await
        .unwrap();
    let error = SqliteStore::open(&file).await.unwrap_err();
    assert_eq!(
        mismatch(error),
        (1, NEWEST),
        "opening never changes a schema"
    );
    options.migrate().await.unwrap();
    SqliteStore::open(&file).await.unwrap();

    let conn = Connection::open(&file).unwrap();
    let next = NEWEST + 1;
    conn.execute_batch(&format!(
        "INSERT INTO leasehold_migration VALUES ({next}, 'future', 'x', 0)"
    ))
    .unwrap();
    assert_eq!(
        mismatch(SqliteStore::open(&file).await.unwrap_err()),
        (next, NEWEST)
    );
    assert_eq!(
        mismatch(options.migrate().await.unwrap_err()),
        (next, NEWEST)
    );
    conn.execute_batch(&format!(
        "DELETE FROM leasehold_migration WHERE version = {next};
         UPDATE leasehold_migration SET checksum = 'edited' WHERE version = 1",
    ))
    .unwrap();
    let error = SqliteStore::open(&file).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn processes_that_migrate_at_the_same_time_take_turns() {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteOptions::new(dir.path().join("jobs.db"));
    let racers: Vec<_> = (0..8)
        .map(|_| tokio::spawn(options.clone().open()))
        .collect();
    let mut ids = Vec::new();
    for racer in racers {
        ids.push(queue_core::JobStore::id(&racer.await.unwrap().unwrap()));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "one schema, made once");
}

/// What was under way before delivery had columns of its own goes on: with the earliest time at which a
/// provider can have seen its key, and looked at if it is in doubt. Its digest is computed when it is read.
#[tokio::test]
async fn rows_of_before_delivery_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jobs.db");
    let options = SqliteOptions::new(&file);
    let before = options.migrate_to(MigrationTarget::Version(4));
    before.await.unwrap();
    let conn = Connection::open(&file).unwrap();
    conn.execute_batch(
        "INSERT INTO leasehold_notification (id, state, attempt, run_at, created_at, channel, purpose,
           subject, recipient, revision, provider_key, schema_version, message)
         VALUES (1, 0, 0, 0, 7, 'email', 'p', 's', 'r1', 1, 'k', 1, CAST('abc' AS BLOB)),
           (2, 2, 1, 0, 7, 'email', 'p', 's', 'r2', 1, 'k', 1, CAST('abc' AS BLOB)),
           (3, 4, 1, 0, 7, 'email', 'p', 's', 'r3', 1, 'k', 1, CAST('abc' AS BLOB))",
    )
    .unwrap();
    options.migrate().await.unwrap();
    let store = SqliteStore::open(&file).await.unwrap();
    let mut found = Vec::new();
    for id in 1..=3 {
        let row = store.notification(NotificationId::new(id)).await.unwrap();
        let row = row.unwrap();
        assert!(row.is_intact() && row.digest.starts_with("ba7816bf"));
        let attempted = row.first_attempt_at.map(|at| at == row.created_at);
        found.push((attempted, row.doubted_at.is_some(), row.look_at.is_some()));
    }
    assert_eq!(
        found,
        [
            (None, false, false),
            (Some(true), true, true),
            (None, false, false)
        ]
    );
}
