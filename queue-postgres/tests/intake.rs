//! Concurrent enqueues: they share statements, and nothing else.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::time::Duration;

use fixtures::bed::{job, kind, order, subject, tenant};
use fixtures::postgres::PostgresCluster;
use futures::FutureExt;
use futures::future::join_all;
use queue_core::{
    Clock, EnqueueBatch, JobStore, ManualClock, NewJob, Page, Payload, Priority, Revision, RunAt,
    Timestamp,
};
use queue_postgres::{PostgresOptions, PostgresStore};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

/// A store, and a trigger that counts statements and takes no job of the kind `trap`.
async fn watched() -> (PostgresStore, PgConnection) {
    let url = PostgresCluster::shared().create_database();
    let store = PostgresStore::connect(&format!("{url}&migrate=true"))
        .await
        .unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let watch = "
        CREATE TABLE seen (n bigint GENERATED ALWAYS AS IDENTITY);
        CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN INSERT INTO seen DEFAULT VALUES; RETURN NULL; END $$;
        CREATE TRIGGER see AFTER INSERT ON leasehold.job EXECUTE FUNCTION see();
        ALTER TABLE leasehold.job ADD CONSTRAINT trap CHECK (kind <> 'trap');";
    connection.execute(AssertSqlSafe(watch)).await.unwrap();
    (store, connection)
}

fn numbered(n: usize) -> NewJob {
    let mut job = job();
    job.payload = Payload::json(&n).unwrap();
    job
}

#[tokio::test]
async fn what_is_asked_at_the_same_time_shares_a_statement() {
    let (store, mut connection) = watched().await;
    let calls = (0..200).map(|n| store.enqueue(EnqueueBatch::one(numbered(n))));
    for (n, answer) in join_all(calls).await.into_iter().enumerate() {
        let id = answer.unwrap()[0].created().unwrap();
        let stored = store.job(id).await.unwrap().unwrap();
        assert_eq!(stored.payload.read::<usize>().unwrap(), n);
    }
    let row = connection
        .fetch_one("SELECT count(*) FROM seen")
        .await
        .unwrap();
    assert!(row.get::<i64, _>(0) < 10);
}

#[tokio::test]
async fn what_the_database_does_not_take_does_not_hurt_the_others() {
    let (store, _connection) = watched().await;
    let calls = (0..30).map(|n| {
        let mut second = numbered(n);
        if n % 10 == 7 {
            second.kind = kind("trap");
        }
        store.enqueue(EnqueueBatch::new(vec![numbered(n), second]).unwrap())
    });
    for (n, answer) in join_all(calls).await.into_iter().enumerate() {
        assert_eq!(answer.is_err(), n % 10 == 7, "{n}: {answer:?}");
    }
    let live = store.live(Page::first(1000).unwrap()).await.unwrap();
    assert_eq!(live.len(), 2 * 27, "all of a call, or none");
}

/// From some size on rows go another way to the server. They must arrive the same.
#[tokio::test]
async fn many_are_stored_as_one_is() {
    let clock = ManualClock::default();
    let open = async || {
        let url = PostgresCluster::shared().create_database();
        PostgresOptions::new(&url)
            .unwrap()
            .migrate_on_connect(true)
            .clock(Clock::Manual(clock.clone()))
            .connect()
            .await
            .unwrap()
    };
    let varied = |n: i32| {
        let mut job = numbered(0).priority(Priority::new((n % 4) as i16).unwrap());
        job.payload = match n % 3 {
            0 => Payload::json(&"x".repeat(4000)).unwrap(),
            1 => Payload::new(vec![n as u8, 0, 0xff], "image/png")
                .unwrap()
                .version(7),
            _ => Payload::json(&n).unwrap().version(2),
        };
        job.max_attempts = 1 + n as u16;
        job.run_at = match n % 4 {
            0 => RunAt::Now,
            1 => RunAt::In(Duration::from_millis(1500)),
            2 => RunAt::At(Timestamp::from_micros(-5)),
            _ => RunAt::At(Timestamp::from_micros(4_000_000_000_000_001)),
        };
        if n % 5 == 0 {
            job = job.tenant(tenant("t")).header("k", "v \u{1F600}").unwrap();
        }
        job
    };
    let careful = |n: i32| {
        let job = varied(n).about(subject(&format!("s{n}")), Revision::new(n.into()));
        job.ordered_by(order(if n % 2 == 0 { "even" } else { "odd" }))
    };
    for plain in [true, false] {
        let jobs: Vec<_> = (0..200)
            .map(|n| if plain { varied(n) } else { careful(n) })
            .collect();
        let (many, few) = (open().await, open().await);
        many.enqueue(EnqueueBatch::new(jobs.clone()).unwrap())
            .await
            .unwrap();
        for job in jobs {
            few.enqueue(EnqueueBatch::one(job)).await.unwrap();
        }
        let page = Page::first(1000).unwrap();
        let stored = many.live(page).await.unwrap();
        assert_eq!(stored.len(), 200);
        assert_eq!(stored, few.live(page).await.unwrap());
    }
}

#[tokio::test]
async fn whoever_goes_away_holds_nobody_up() {
    let (store, _connection) = watched().await;
    let mut calls: Vec<_> = (0..10)
        .map(|n| store.enqueue(EnqueueBatch::one(numbered(n))))
        .collect();
    for call in &mut calls {
        assert!(call.now_or_never().is_none());
    }
    // The first ones are on their way; the others wait behind them. Neither is polled any more.
    let last = calls.pop().unwrap();
    drop(calls.split_off(5));
    last.await.unwrap();
    drop(calls);
    // Those on their way go at the same time, on two lanes: one may still be.
    let page = Page::first(1000).unwrap();
    let mut stored = store.live(page).await.unwrap();
    while stored.len() < 6 {
        stored = store.live(page).await.unwrap();
    }
    let mut numbers: Vec<usize> = stored
        .iter()
        .map(|view| view.payload.read().unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(
        numbers,
        [0, 1, 2, 3, 4, 9],
        "who left the line was not carried out"
    );
}
