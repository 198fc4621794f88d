//! Opening and migrating: what is accepted, what is refused, and in which words.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::time::Duration;

use fixtures::bed;
use fixtures::postgres::PostgresCluster;
use queue_core::migration::MigrationTarget;
use queue_core::{ClaimRequest, EnqueueBatch, JobStore, StoreError};
use queue_postgres::{PostgresOptions, PostgresStore};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

fn fresh() -> (String, PostgresOptions) {
    let url = PostgresCluster::shared().create_database();
    let options = PostgresOptions::new(&url).unwrap();
    (url, options)
}

/// The schema that this version of the crate makes and needs.
const NEWEST: u32 = 9;
/// One that a version to come may make, as the tests write it.
const LATER: u32 = 100;

async fn run(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute(AssertSqlSafe(sql)).await.unwrap();
    connection.close().await.unwrap();
}

async fn claim(store: &PostgresStore) -> usize {
    let request = ClaimRequest::new(bed::worker("w"), vec![bed::queue(bed::QUEUE)], 10).unwrap();
    store.claim(request).await.unwrap().len()
}

#[tokio::test]
async fn a_database_without_schema_says_what_to_do() {
    let (url, _) = fresh();
    let error = PostgresStore::connect(&url).await.unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::SchemaMismatch {
                found: 0,
                supported: NEWEST
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("migrate"));
    let store = PostgresStore::connect(&format!("{url}&migrate=true"))
        .await
        .unwrap();
    store.enqueue(EnqueueBatch::one(bed::job())).await.unwrap();
    assert_eq!(claim(&store).await, 1);
}

#[tokio::test]
async fn it_goes_down_and_up_again_and_leaves_nothing() {
    let (url, options) = fresh();
    let each = (0..NEWEST).rev().flat_map(|version| [NEWEST, version]);
    for version in each.chain([NEWEST]) {
        let reached = options
            .migrate_to(MigrationTarget::Version(version))
            .await
            .unwrap();
        assert_eq!(reached, version);
    }
    assert!(matches!(
        options
            .migrate_to(MigrationTarget::Version(NEWEST + 1))
            .await
            .unwrap_err(),
        StoreError::Refused { .. }
    ));
    options
        .migrate_to(MigrationTarget::Version(1))
        .await
        .unwrap();
    let error = PostgresStore::connect(&url).await.unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::SchemaMismatch {
                found: 1,
                supported: NEWEST
            }
        ),
        "{error}"
    );
    options
        .migrate_to(MigrationTarget::Version(0))
        .await
        .unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let left = "SELECT count(*) FROM pg_namespace WHERE nspname = 'leasehold'";
    let row = connection.fetch_one(left).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), 0);
}

#[tokio::test]
async fn four_at_once_migrate_once() {
    let (_, options) = fresh();
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let options = options.clone();
            tokio::spawn(async move { options.migrate().await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), NEWEST);
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let (url, options) = fresh();
    options.migrate().await.unwrap();
    run(
        &url,
        "INSERT INTO leasehold.schema_migration VALUES (100, 'later', 'x', now())",
    )
    .await;
    for error in [
        PostgresStore::connect(&url).await.unwrap_err(),
        options.migrate().await.unwrap_err(),
    ] {
        assert!(
            matches!(
                error,
                StoreError::SchemaMismatch {
                    found: LATER,
                    supported: NEWEST
                }
            ),
            "{error}"
        );
        assert!(error.to_string().contains("update this program"), "{error}");
    }
}

#[tokio::test]
async fn a_schema_that_changed_under_an_open_store_is_named() {
    let (url, options) = fresh();
    let store = options
        .clone()
        .migrate_on_connect(true)
        .connect()
        .await
        .unwrap();
    let enqueue = || store.enqueue(EnqueueBatch::one(bed::job()));
    // Damaged, and of no other version: the server's words.
    run(&url, "ALTER TABLE leasehold.job RENAME kind TO sort").await;
    let error = enqueue().await.unwrap_err();
    assert!(matches!(error, StoreError::Backend { .. }), "{error}");
    assert!(error.to_string().contains("kind"), "{error}");

    run(
        &url,
        "INSERT INTO leasehold.schema_migration VALUES (100, 'later', 'x', now())",
    )
    .await;
    let error = enqueue().await.unwrap_err();
    assert!(
        error.to_string().contains("has schema version 100") && !error.is_transient(),
        "{error}"
    );

    run(
        &url,
        "DELETE FROM leasehold.schema_migration WHERE version = 100;
         ALTER TABLE leasehold.job RENAME sort TO kind",
    )
    .await;
    options
        .migrate_to(MigrationTarget::Version(0))
        .await
        .unwrap();
    let error = enqueue().await.unwrap_err();
    assert!(
        matches!(error, StoreError::SchemaMismatch { found: 0, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let (_, options) = fresh();
    let store = options.migrate_on_connect(true).connect().await.unwrap();
    store.disconnect().await;
    for error in [
        store.stats().await.unwrap_err(),
        store
            .enqueue(EnqueueBatch::one(bed::job()))
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Closed { .. }), "{error}");
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn an_edited_migration_is_refused() {
    let (url, options) = fresh();
    options.migrate().await.unwrap();
    run(
        &url,
        "UPDATE leasehold.schema_migration SET checksum = 'other' WHERE version = 1",
    )
    .await;
    for error in [
        PostgresStore::connect(&url).await.unwrap_err(),
        options.migrate().await.unwrap_err(),
    ] {
        assert!(
            error
                .to_string()
                .contains("migration 1 was applied with checksum other"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn somebody_elses_schema_is_left_alone() {
    let (url, options) = fresh();
    run(
        &url,
        "CREATE SCHEMA leasehold; CREATE TABLE leasehold.job (tenant text)",
    )
    .await;
    for error in [
        PostgresStore::connect(&url).await.unwrap_err(),
        options.migrate().await.unwrap_err(),
    ] {
        assert!(error.to_string().contains("not Leasehold's"), "{error}");
    }
}

#[tokio::test]
async fn two_schemas_of_one_database_are_two_stores() {
    let (url, _) = fresh();
    // A name that SQL has another use for must work too.
    let one = PostgresStore::connect(&format!("{url}&schema=user&migrate=true"))
        .await
        .unwrap();
    let other = PostgresStore::connect(&format!("{url}&migrate=true"))
        .await
        .unwrap();
    assert_ne!(one.id(), other.id());
    one.enqueue(EnqueueBatch::one(bed::job())).await.unwrap();
    assert_eq!(claim(&other).await, 0);
    assert_eq!(claim(&one).await, 1);
}

#[tokio::test]
async fn a_standby_is_refused() {
    let cluster = PostgresCluster::start();
    let url = cluster.create_database();
    PostgresOptions::new(&url).unwrap().migrate().await.unwrap();
    cluster.restart_as_standby();
    let error = PostgresStore::connect(&url).await.unwrap_err();
    assert!(error.to_string().contains("standby"), "{error}");
}

#[tokio::test]
async fn a_restart_in_between_is_survived() {
    let cluster = PostgresCluster::start();
    let url = cluster.create_database();
    let store = PostgresStore::connect(&format!("{url}&migrate=true"))
        .await
        .unwrap();
    store.enqueue(EnqueueBatch::one(bed::job())).await.unwrap();
    cluster.restart();
    store.enqueue(EnqueueBatch::one(bed::job())).await.unwrap();
    // So long idle that the server is asked before the connection is used.
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(60)).await;
    tokio::time::resume();
    cluster.restart();
    store.enqueue(EnqueueBatch::one(bed::job())).await.unwrap();
    assert_eq!(claim(&store).await, 3);
    cluster.stop_fast();
    let error = store
        .enqueue(EnqueueBatch::one(bed::job()))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn whoever_waits_in_vain_is_told_busy() {
    let (url, options) = fresh();
    options.migrate().await.unwrap();
    let store = options
        .pool_size(1)
        .unwrap()
        .patience(Duration::from_millis(200))
        .connect()
        .await
        .unwrap();
    let (one, other) = tokio::join!(store.stats(), store.stats());
    assert!(one.is_ok() && other.is_ok(), "they take turns");

    // One waits for the table, the other for the only connection.
    let mut holder = PgConnection::connect(&url).await.unwrap();
    let mut held = holder.begin().await.unwrap();
    held.execute("LOCK TABLE leasehold.job").await.unwrap();
    let enqueue = || store.enqueue(EnqueueBatch::one(bed::job()));
    let (one, other) = tokio::join!(enqueue(), enqueue());
    for error in [one.unwrap_err(), other.unwrap_err()] {
        assert!(matches!(error, StoreError::Busy { .. }), "{error:?}");
        assert!(error.is_transient());
    }
    held.rollback().await.unwrap();
    enqueue().await.unwrap();
    assert_eq!(claim(&store).await, 1, "what was told busy left nothing");
}

/// I9: not in the message, not in what a log would print of the error and its causes.
#[tokio::test]
async fn no_error_of_connecting_has_the_password() {
    let directory = tempfile::tempdir().unwrap();
    let nowhere = directory.path().display().to_string().replace('/', "%2F");
    let socket = format!("{nowhere}/db");
    for (place, told) in [
        ("127.0.0.1:1/db", "127.0.0.1, port 1".to_owned()),
        (&socket, directory.path().display().to_string()),
    ] {
        let url = format!("postgres://u:hush%21hush@{place}?pool=1");
        let error = PostgresStore::connect(&url).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
        assert!(error.to_string().contains(&told), "{error}");
        let mut printed = format!("{error} {error:?}");
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            printed.push_str(&inner.to_string());
            cause = inner.source();
        }
        assert!(!printed.contains("hush"), "{printed}");
    }
}

/// I9.
#[test]
fn urls_are_refused_in_words_without_the_password() {
    for (url, words) in [
        (
            "postgres://u:secret@h/db?pol=3",
            "there is no parameter `pol`",
        ),
        ("postgres://u:secret@h/db?pool=0", "choose from 1 to 1000"),
        (
            "postgres://u:secret@h/db?pool=x",
            "`x` is not a value for pool",
        ),
        (
            "postgres://u:secret@h/db?schema=Mixed",
            "write 1 to 40 of a-z",
        ),
        (
            "postgres://u:secret@h/db?migrate=yes",
            "write true or false",
        ),
        (
            "postgres://u:secret@h/db?listen=secret",
            "the URL to listen at: it is not a URL",
        ),
        (
            "postgres://h/db?listen=postgres%3A%2F%2Fu%3Asecret%40h%2Fdb%3Fpool%3D3",
            "give that to the store's own URL",
        ),
        ("mysql://u:secret@h/db", "its scheme is mysql"),
        ("no url", "it is not a URL"),
    ] {
        let error = PostgresOptions::new(url).unwrap_err().to_string();
        assert!(
            error.contains(words) && !error.contains("secret"),
            "{error}"
        );
    }
    let options = PostgresOptions::new("postgres://u:secret@h/db").unwrap();
    let options = options.listen_at("postgres://u:secret@direct/db").unwrap();
    let shown = format!("{options:?}");
    assert!(
        shown.contains("direct, port 5432") && !shown.contains("secret"),
        "{shown}"
    );
}
