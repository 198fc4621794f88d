//! What the guide tells people to write.

use fixtures::guide::statements;
use queue_sqlite::SqliteStore;
use rusqlite::Connection;

#[tokio::test]
async fn the_sql_of_the_guide_runs() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    let _store = SqliteStore::open(&path).await.unwrap();
    let conn = Connection::open(&path).unwrap();
    let ours: Vec<_> = statements("guides/use-it-from-sql.md")
        .into_iter()
        .filter(|statement| statement.contains("leasehold_"))
        .collect();
    assert_eq!(ours.len(), 2);
    for statement in ours {
        let mut statement = conn.prepare(&statement).unwrap();
        let mut rows = statement.query([]).unwrap();
        while rows.next().unwrap().is_some() {}
    }
    let order: i64 = conn
        .query_row(
            "SELECT payload ->> 'order' FROM leasehold_jobs",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(order, 42);
}
