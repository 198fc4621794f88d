//! Rows that SQLite does not let anybody change, or that nobody can read.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::path::PathBuf;
use std::sync::Arc;

use fixtures::bed::Bed;
use fixtures::poison::{self, Saboteur};
use queue_core::{Clock, ManualClock};
use queue_sqlite::{SqliteOptions, Synchronous};
use rusqlite::Connection;

struct File(PathBuf);

impl Saboteur for File {
    fn run(&self, sql: &str) {
        Connection::open(&self.0)
            .unwrap()
            .execute_batch(sql)
            .unwrap();
    }

    fn table(&self, name: &str) -> String {
        format!("leasehold_{name}")
    }

    fn trap(&self, table: &str, verb: &str, when: &str) {
        let table = self.table(table);
        self.run(&format!(
            "CREATE TRIGGER trap BEFORE {verb} ON {table} WHEN {when}
             BEGIN SELECT raise(ABORT, 'the disk has a hole'); END"
        ));
    }
}

async fn scene() -> (Bed, File) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    let clock = ManualClock::default();
    let options = SqliteOptions::new(&path)
        .clock(Clock::Manual(clock.clone()))
        .synchronous(Synchronous::Normal);
    let bed = Bed {
        store: Arc::new(options.open().await.unwrap()),
        clock,
        reopen: Box::new(|| unreachable!("nobody reopens it")),
        transactions: None,
        keep: Box::new(dir),
    };
    (bed, File(path))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cannot_be_doubted() {
    let (bed, file) = scene().await;
    poison::one_cannot_be_doubted(&bed, &file).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cannot_be_read() {
    let (bed, file) = scene().await;
    poison::one_cannot_be_read(&bed, &file).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn some_cannot_be_removed() {
    let (bed, file) = scene().await;
    poison::some_cannot_be_removed(&bed, &file).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sort_cannot_be_removed() {
    let (bed, file) = scene().await;
    poison::a_sort_cannot_be_removed(&bed, &file).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn some_incidents_cannot_be_ended() {
    let (bed, file) = scene().await;
    poison::some_incidents_cannot_be_ended(&bed, &file).await;
}
