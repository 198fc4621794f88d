//! Very many dead letters: lists and groups stay on their indexes. With LEASEHOLD_SLOW=1 there are a million,
//! and what is printed is the table of docs/reference/dead-letter-queries.md.

use fixtures::crowded_letters::{ask, fill_sqlite, letters};
use queue_sqlite::SqliteStore;
use rusqlite::Connection;

#[tokio::test]
async fn very_many_letters_are_listed_and_counted() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jobs.db");
    let store = SqliteStore::open(&file).await.unwrap();
    let conn = Connection::open(&file).unwrap();
    let letters = letters();
    conn.execute_batch(&fill_sqlite(letters)).unwrap();
    println!("{}", ask(&store, letters).await);
}
