//! History by days: made ahead, filled from the default, thinned out and dropped.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::time::Duration;

use fixtures::bed::Bed;
use fixtures::postgres::PostgresCluster;
use queue_core::{Clock, JobStore, ManualClock, Outcome, Retention};
use queue_postgres::{PostgresOptions, PostgresStore};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

const DAY: Duration = Duration::from_secs(24 * 3600);

struct Kept {
    store: PostgresStore,
    clock: ManualClock,
    connection: PgConnection,
}

impl Kept {
    async fn new() -> Self {
        let url = PostgresCluster::shared().create_database();
        let clock = ManualClock::default();
        let options = PostgresOptions::new(&url).unwrap().migrate_on_connect(true);
        let options = options.clock(Clock::Manual(clock.clone()));
        Self {
            store: options.connect().await.unwrap(),
            clock,
            connection: PgConnection::connect(&url).await.unwrap(),
        }
    }

    async fn finish(&self, count: usize) {
        let bed = Bed {
            store: std::sync::Arc::new(self.store.clone()),
            clock: self.clock.clone(),
            reopen: Box::new(|| unreachable!("nothing is opened again")),
            transactions: None,
            keep: Box::new(()),
        };
        bed.put_plain(count).await;
        for claimed in bed.claim(u32::try_from(count).unwrap()).await {
            bed.settle(&claimed, Outcome::Done(Default::default()))
                .await;
        }
    }

    async fn count(&mut self, sql: &str) -> i64 {
        let row = self
            .connection
            .fetch_one(AssertSqlSafe(sql.to_owned()))
            .await
            .unwrap();
        row.get(0)
    }

    async fn partitions(&mut self) -> i64 {
        let days = "SELECT count(*) FROM pg_inherits JOIN pg_class ON oid = inhrelid
            WHERE inhparent = 'leasehold.history'::regclass AND relname ~ '[0-9]$'";
        self.count(days).await
    }

    async fn maintain(&self, limit: u32) -> u64 {
        self.store
            .maintain(&Retention::default(), limit)
            .await
            .unwrap()
            .history
    }
}

#[tokio::test]
async fn days_are_made_ahead_filled_and_dropped() {
    let mut kept = Kept::new().await;
    kept.finish(5).await;
    let in_default = "SELECT count(*) FROM leasehold.history_default";
    assert_eq!(
        kept.count(in_default).await,
        5,
        "no day has a partition yet"
    );
    assert_eq!(kept.maintain(100).await, 0);
    assert_eq!(kept.partitions().await, 8);
    assert_eq!(kept.count(in_default).await, 0, "they moved into their day");
    kept.finish(3).await;
    kept.clock.advance(DAY);
    kept.finish(2).await;
    assert_eq!(kept.count(in_default).await, 0);
    assert_eq!(kept.maintain(100).await, 0);
    assert_eq!(kept.partitions().await, 9);
    kept.clock.advance(29 * DAY);
    // Thirty days after the first eight; their day is small, so that they go one by one.
    assert_eq!(kept.maintain(6).await, 6);
    assert_eq!(kept.maintain(6).await, 2);
    kept.clock.advance(30 * DAY);
    assert_eq!(
        kept.maintain(1).await,
        2,
        "a day that is over goes as a whole"
    );
    assert_eq!(
        kept.count("SELECT count(*) FROM leasehold.history").await,
        0
    );
}

#[tokio::test]
async fn four_at_once_keep_house() {
    let mut kept = Kept::new().await;
    kept.finish(20).await;
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let store = kept.store.clone();
            tokio::spawn(async move { store.maintain(&Retention::default(), 100).await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(kept.partitions().await, 8);
    assert_eq!(
        kept.count("SELECT count(*) FROM leasehold.history").await,
        20
    );
}
