//! The suite that defines a store, through a real PgBouncer in transaction mode, and what there is
//! to know about it.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod caller;

use std::sync::Arc;
use std::time::{Duration, Instant};

use caller::OwnTransactions;
use fixtures::bed::{self, Bed};
use fixtures::pgbouncer::PgBouncer;
use fixtures::postgres::{PassingDatabase, PostgresCluster};
use fixtures::random_history::{cases, check};
use queue_core::{ClaimRequest, Clock, EnqueueBatch, JobStore, ManualClock, Store, StoreError};
use queue_postgres::{PostgresOptions, PostgresStore};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, Executor, PgConnection, Row};

/// How many connections to the server a PgBouncer is made to have, which it hands out in turn.
const SPREAD: usize = 3;

/// As a service would: PgBouncer takes no start parameter that it does not know.
fn caller(url: &str) -> PgConnectOptions {
    let options: PgConnectOptions = url.parse().unwrap();
    options.extra_float_digits(None)
}

/// An empty database, and its URL through a PgBouncer that has several connections to it.
async fn database(bouncer: &PgBouncer) -> (PassingDatabase, String) {
    let database = PostgresCluster::shared().passing_database();
    let url = bouncer.through(&database.url());
    let mut open = Vec::new();
    for _ in 0..SPREAD {
        let mut connection = PgConnection::connect_with(&caller(&url)).await.unwrap();
        connection.execute("BEGIN; SELECT 1").await.unwrap();
        open.push(connection);
    }
    for mut connection in open {
        connection.execute("COMMIT").await.unwrap();
        connection.close().await.unwrap();
    }
    (database, url)
}

async fn opened(
    options: PostgresOptions,
    caller: PgConnectOptions,
    database: PassingDatabase,
) -> Bed {
    let clock = ManualClock::default();
    let options = options.clock(Clock::Manual(clock.clone()));
    options.migrate().await.unwrap();
    let store = options.clone().connect().await.unwrap();
    Bed {
        store: Arc::new(store.clone()),
        clock,
        reopen: Box::new(move || {
            let options = options.clone();
            Box::pin(async move { Arc::new(options.connect().await.unwrap()) as Arc<dyn Store> })
        }),
        transactions: Some(Arc::new(OwnTransactions {
            store,
            connect: caller,
        })),
        keep: Box::new(database),
    }
}

async fn bouncer() -> Bed {
    let (database, url) = database(PgBouncer::shared()).await;
    let options = PostgresOptions::new(&format!("{url}&prepared=false"));
    let options = options.unwrap().listen_at(&database.url()).unwrap();
    opened(options, caller(&url), database).await
}

fixtures::conformance!(bouncer);

#[test]
fn it_agrees_with_the_model_on_random_histories() {
    check(cases(50), bouncer).unwrap();
}

async fn store(url: &str) -> PostgresStore {
    PostgresStore::connect(&format!("{url}&migrate=true"))
        .await
        .unwrap()
}

async fn claim(store: &PostgresStore) -> usize {
    let request = ClaimRequest::new(bed::worker("w"), vec![bed::queue(bed::QUEUE)], 10).unwrap();
    store.claim(request).await.unwrap().len()
}

/// What sessions hold that outlives a transaction: a server's process announces so that it listens.
async fn announced(direct: &str) -> i64 {
    let mut connection = PgConnection::connect(direct).await.unwrap();
    let held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = \
        (SELECT oid FROM pg_database WHERE datname = current_database())";
    connection.fetch_one(held).await.unwrap().get(0)
}

#[tokio::test]
async fn without_a_way_around_it_nobody_listens_and_workers_poll() {
    let (database, url) = database(PgBouncer::shared()).await;
    let worker = store(&format!("{url}&prepared=false")).await;
    let mut listener = worker.wakeups().listen();
    let service = store(&format!("{url}&prepared=false")).await;
    service
        .enqueue(EnqueueBatch::one(bed::job()))
        .await
        .unwrap();
    let woken = tokio::time::timeout(Duration::from_millis(500), listener.woken());
    woken.await.unwrap_err();
    assert_eq!(announced(&database.url()).await, 0);
    assert_eq!(claim(&worker).await, 1);
}

/// The way around it may be given in the URL, where it is encoded.
#[tokio::test]
async fn by_a_way_around_it_workers_are_woken() {
    let (database, url) = database(PgBouncer::shared()).await;
    let direct = database
        .url()
        .replace('?', "%3F")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let url = format!("{url}&prepared=false&listen={direct}");
    let worker = store(&url).await;
    let mut listener = worker.wakeups().listen();
    let service = store(&url).await;
    let woken = async {
        loop {
            let job = EnqueueBatch::one(bed::job());
            service.enqueue(job).await.unwrap();
            let wait = tokio::time::timeout(Duration::from_millis(200), listener.woken());
            if wait.await.is_ok() {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), woken)
        .await
        .unwrap();
}

#[tokio::test]
async fn patience_with_a_lock_is_kept() {
    let (database, url) = database(PgBouncer::shared()).await;
    let options = PostgresOptions::new(&format!("{url}&prepared=false&migrate=true")).unwrap();
    let patience = Duration::from_millis(200);
    let store = options.patience(patience).connect().await.unwrap();
    let mut holder = PgConnection::connect(&database.url()).await.unwrap();
    holder
        .execute("BEGIN; LOCK TABLE leasehold.job")
        .await
        .unwrap();
    let started = Instant::now();
    let enqueue = store.enqueue(EnqueueBatch::one(bed::job()));
    let error = enqueue.await.unwrap_err();
    assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
    assert!(started.elapsed() < Duration::from_secs(5));
}

/// Before 1.21 none stays prepared through it, and later not if it is told so.
#[tokio::test]
async fn where_no_statement_stays_prepared_the_error_says_what_to_pass() {
    let cluster = PostgresCluster::shared();
    let bouncer = PgBouncer::start(cluster);
    let bouncer = if bouncer.version() < (1, 21) {
        bouncer
    } else {
        PgBouncer::start_with(cluster, &["max_prepared_statements = 0"])
    };
    let (_database, url) = database(&bouncer).await;
    let store = store(&url).await;
    let error = store.now().await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains("pass prepared=false"), "{error}");
}

/// From 1.21 on they may. It is the server's version that decides which half of this is tested.
#[test]
fn where_statements_stay_prepared_it_agrees_with_the_model() {
    let cluster = PostgresCluster::shared();
    let settings = ["max_prepared_statements = 100"];
    let plain = PgBouncer::start(cluster);
    if plain.version() < (1, 21) {
        let error = PgBouncer::try_start(cluster, &settings).unwrap_err();
        let said = error.to_string();
        assert!(said.contains("max_prepared_statements"), "{said}");
        return;
    }
    let bouncer = PgBouncer::start_with(cluster, &settings);
    let open = async || {
        let (database, url) = database(&bouncer).await;
        let options = PostgresOptions::new(&url).unwrap();
        opened(options, caller(&url), database).await
    };
    check(cases(50), open).unwrap();
}

/// A pooler as the place to listen at is noticed, whether it refuses start parameters or drops them.
/// In a session that others share, the lock that announces a listener would stay for ever.
#[tokio::test]
async fn in_a_shared_session_nobody_listens() {
    for setting in ["", "ignore_startup_parameters = options"] {
        let bouncer = PgBouncer::start_with(PostgresCluster::shared(), &[setting]);
        let (database, url) = database(&bouncer).await;
        let options = PostgresOptions::new(&format!("{url}&prepared=false&migrate=true"));
        let options = options.unwrap().listen_at(&url).unwrap();
        let store = options.connect().await.unwrap();
        let closed = || bouncer.log_text().matches("closing because").count();
        let before = closed();
        let _waiting = store.wakeups().listen();
        let tried = async {
            while closed() == before {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let tried = tokio::time::timeout(Duration::from_secs(10), tried).await;
        assert_eq!(announced(&database.url()).await, 0, "with {setting:?}");
        tried.unwrap();
    }
}
