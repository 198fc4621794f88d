//! History by days: made ahead, thinned out and dropped.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::time::Duration;

use fixtures::bed::Bed;
use fixtures::postgres::PostgresCluster;
use queue_core::{
    Clock, JobStore, Kept as KeptFor, ManualClock, Outcome, QueueName, Retention, RetentionRule,
    RetentionSort,
};
use queue_postgres::{PostgresOptions, PostgresStore};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

const DAY: Duration = Duration::from_secs(24 * 3600);

const IN_DEFAULT: &str = "SELECT count(*) FROM leasehold.history_default";
const ALL: &str = "SELECT count(*) FROM leasehold.history";

struct Kept {
    options: PostgresOptions,
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
            store: options.clone().connect().await.unwrap(),
            options,
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
async fn days_are_made_ahead_and_dropped() {
    let mut kept = Kept::new().await;
    assert_eq!(kept.partitions().await, 8, "today and the week after it");
    kept.finish(8).await;
    kept.clock.advance(DAY);
    kept.finish(2).await;
    assert_eq!(kept.maintain(100).await, 0);
    assert_eq!(kept.partitions().await, 9);
    assert_eq!(kept.count(IN_DEFAULT).await, 0);
    kept.clock.advance(29 * DAY);
    // Thirty days after the first eight; their day is small, so that they go one by one.
    assert_eq!(kept.maintain(6).await, 6);
    assert_eq!(kept.maintain(6).await, 2);
    let before = kept.partitions().await;
    kept.clock.advance(30 * DAY);
    assert_eq!(
        kept.maintain(1).await,
        2,
        "a day that is over goes as a whole"
    );
    assert_eq!(kept.count(ALL).await, 0);
    assert!(kept.partitions().await < before, "tables were dropped");
}

#[tokio::test]
async fn whoever_opens_makes_the_days() {
    let kept = Kept::new().await;
    kept.clock.advance(20 * DAY);
    let tasks: Vec<_> = (0..4)
        .map(|_| tokio::spawn(kept.options.clone().connect()))
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let mut kept = kept;
    kept.finish(1).await;
    assert_eq!(kept.partitions().await, 16);
    assert_eq!(kept.count(IN_DEFAULT).await, 0);
}

/// Nobody opened the store or kept house for long: what fell into the default stays where it is,
/// while jobs go on to be finished there, and goes in batches when its time is up.
#[tokio::test]
async fn what_fell_into_the_default_holds_nobody_up() {
    let mut kept = Kept::new().await;
    kept.clock.advance(20 * DAY);
    kept.finish(1).await;
    let fill = "INSERT INTO leasehold.history SELECT (h).* FROM (
            SELECT h FROM leasehold.history AS h, generate_series(1, 99999)) AS many";
    kept.connection.execute(fill).await.unwrap();
    assert_eq!(kept.count(IN_DEFAULT).await, 100_000);
    let store = kept.store.clone();
    let upkeep = tokio::spawn(async move { store.maintain(&Retention::default(), 100).await });
    while !upkeep.is_finished() {
        kept.finish(1).await;
    }
    assert_eq!(upkeep.await.unwrap().unwrap().history, 0);
    let today = kept.count(IN_DEFAULT).await;
    assert!(today > 100_000, "none of today's was moved: {today}");
    assert_eq!(kept.partitions().await, 8 + 7, "from tomorrow on");
    kept.clock.advance(DAY);
    kept.finish(1).await;
    assert_eq!(kept.count(IN_DEFAULT).await, today);

    kept.clock.advance(30 * DAY);
    assert_eq!(kept.maintain(1000).await, 1000 + 1, "and the day before");
    assert_eq!(kept.maintain(1000).await, 1000);
    assert_eq!(kept.count(ALL).await, today - 2000);
}

/// An upkeep that cannot have its locks is put off, and leaves nothing half made.
#[tokio::test]
async fn a_long_transaction_puts_days_off() {
    let mut kept = Kept::new().await;
    kept.clock.advance(20 * DAY);
    let mut held = kept.connection.begin().await.unwrap();
    held.execute("LOCK TABLE leasehold.history_default IN ROW EXCLUSIVE MODE")
        .await
        .unwrap();
    kept.store.maintain(&Retention::default(), 1).await.unwrap();
    held.rollback().await.unwrap();
    assert_eq!(kept.partitions().await, 8);
    kept.maintain(1).await;
    assert_eq!(kept.partitions().await, 8 + 8);
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
    assert_eq!(kept.count(ALL).await, 20);
}

/// A queue's shorter rule ends its jobs in the midst of a large day, block by block and once.
#[tokio::test]
async fn a_large_day_is_thinned_out_once() {
    let mut kept = Kept::new().await;
    kept.finish(2).await;
    let fill = "INSERT INTO leasehold.history SELECT (h).* FROM (
            SELECT h FROM leasehold.history AS h, generate_series(1, 39999)) AS many";
    kept.connection.execute(fill).await.unwrap();
    let half = "UPDATE leasehold.history SET queue = 'long' WHERE id % 2 = 0";
    kept.connection.execute(half).await.unwrap();
    let all = kept.count(ALL).await;
    let q = "SELECT count(*) FROM leasehold.history WHERE queue = 'q'";
    assert_eq!((all, kept.count(q).await), (80_000, 40_000));
    let large = "SELECT max(pg_relation_size(relid)) FROM pg_partition_tree('leasehold.history')";
    assert!(
        kept.count(large).await > 8 << 20,
        "no day that is thinned out by rows"
    );

    kept.clock.advance(3 * DAY);
    let name = QueueName::new("q").unwrap();
    let own = RetentionRule::new(RetentionSort::History, Some(name), KeptFor::days(1)).unwrap();
    let retention = Retention::default().with(own);
    let (mut removed, mut passes) = (0, 0);
    loop {
        let done = kept.store.maintain(&retention, 15_000).await.unwrap();
        assert!(done.history <= 15_000);
        removed += done.history;
        passes += 1;
        if !done.more {
            break;
        }
    }
    assert_eq!((removed, kept.count(q).await), (40_000, 0));
    assert!((3..10).contains(&passes), "{passes}");
    assert_eq!(kept.count(ALL).await, 40_000);

    // What is past is not read again: nobody adds to a day that is over, but this test does.
    let forged = "UPDATE leasehold.history SET queue = 'q' WHERE id % 2 = 0";
    kept.connection.execute(forged).await.unwrap();
    assert_eq!(
        kept.store
            .maintain(&retention, 15_000)
            .await
            .unwrap()
            .history,
        0
    );
    kept.clock.advance(30 * DAY);
    // The day goes as a whole when the others let it.
    kept.store.maintain(&retention, 1).await.unwrap();
    assert_eq!(kept.count(ALL).await, 0);
}
