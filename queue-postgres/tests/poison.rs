//! Rows that Postgres does not let anybody change, or that nobody can read.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::sync::Arc;

use fixtures::bed::Bed;
use fixtures::poison::{self, Saboteur};
use fixtures::postgres::PostgresCluster;
use queue_core::{Clock, ManualClock};
use queue_postgres::PostgresOptions;

/// By the name of the database.
struct Database(String);

impl Saboteur for Database {
    fn run(&self, sql: &str) {
        PostgresCluster::shared().sql(&self.0, sql).unwrap();
    }

    fn table(&self, name: &str) -> String {
        format!("leasehold.{name}")
    }

    fn trap(&self, table: &str, verb: &str, when: &str) {
        let table = self.table(table);
        self.run(&format!(
            "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS
                 'BEGIN RAISE EXCEPTION ''the disk has a hole''; END';
             CREATE TRIGGER trap BEFORE {verb} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION trap()"
        ));
    }
}

async fn scene() -> (Bed, Database) {
    let url = PostgresCluster::shared().create_database();
    let clock = ManualClock::default();
    let options = PostgresOptions::new(&url)
        .unwrap()
        .migrate_on_connect(true)
        .clock(Clock::Manual(clock.clone()));
    let bed = Bed {
        store: Arc::new(options.connect().await.unwrap()),
        clock,
        reopen: Box::new(|| unreachable!("nobody reopens it")),
        transactions: None,
        keep: Box::new(()),
    };
    let url: url::Url = url.parse().unwrap();
    (bed, Database(url.path().trim_start_matches('/').to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cannot_be_doubted() {
    let (bed, database) = scene().await;
    poison::one_cannot_be_doubted(&bed, &database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cannot_be_read() {
    let (bed, database) = scene().await;
    poison::one_cannot_be_read(&bed, &database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn some_cannot_be_removed() {
    let (bed, database) = scene().await;
    poison::some_cannot_be_removed(&bed, &database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sort_cannot_be_removed() {
    let (bed, database) = scene().await;
    poison::a_sort_cannot_be_removed(&bed, &database).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn some_incidents_cannot_be_ended() {
    let (bed, database) = scene().await;
    poison::some_incidents_cannot_be_ended(&bed, &database).await;
}
