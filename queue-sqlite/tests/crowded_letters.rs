//! Very many dead letters: lists and groups stay on their indexes. With LEASEHOLD_SLOW=1 there are a million,
//! and what is printed is the table of docs/reference/dead-letter-queries.md.

use fixtures::crowded_letters::{FIRST, ask, letters};
use queue_sqlite::SqliteStore;
use rusqlite::Connection;

#[tokio::test]
async fn very_many_letters_are_listed_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jobs.db");
    let store = SqliteStore::open(&file).await.unwrap();
    let conn = Connection::open(&file).unwrap();
    let letters = letters();
    conn.execute_batch(&format!(
        "PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 100000; BEGIN;
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {letters})
         INSERT INTO leasehold_dead_letter (id, letter_state, holds_job, version, deaths, replays, died_at,
           changed_at, run_at, fence, attempt, error_class, queue, kind, tenant, stage, reason, error_text)
         SELECT n, CASE WHEN n % 10 < 4 THEN 0 WHEN n % 10 < 5 THEN 2 WHEN n % 10 < 8 THEN 3 ELSE 4 END, 1, 1,
           1, 0, {FIRST} + n * 1000, {FIRST} + n * 1000, 0, 1, 5,
           CASE WHEN n % ({letters} / 10) = 7 THEN 'RARE' ELSE 'CLASS_' || (n % 4) END, 'q' || (n % 6 % 4),
           'k' || (n % 20), CASE WHEN n % 3 > 0 THEN 't' || (n % 1000) END,
           CASE n % 7 WHEN 0 THEN 's1' WHEN 1 THEN 's2' ELSE 'run' END,
           CASE WHEN n % 10 = 0 THEN 'r' || (n % 80 / 10) END,
           'calling https://upstream.example/' || n || ' timed out after 30 s: connection reset by peer'
         FROM n;
         INSERT INTO leasehold_body (id, priority, max_attempts, created_at, queue, kind, tenant,
           schema_version, payload)
         SELECT id, 0, 5, died_at, queue, kind, tenant, 1, CAST('{{\"order\": 1}}' AS BLOB)
         FROM leasehold_dead_letter;
         COMMIT"
    ))
    .unwrap();
    println!("{}", ask(&store, letters).await);
}
