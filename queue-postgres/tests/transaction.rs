//! The caller's own transaction: which ones are worked in, and which refused.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use fixtures::bed;
use fixtures::postgres::PostgresCluster;
use queue_core::{
    ClaimRequest, Completion, EnqueueBatch, JobState, JobStore, PublishBatch, SettleBatch,
    Settlement, StoreError, Transition,
};
use queue_postgres::PostgresStore;
use sqlx::{Connection, PgConnection};

async fn fresh() -> (PostgresStore, String) {
    let url = PostgresCluster::shared().create_database();
    let store = PostgresStore::connect(&format!("{url}&migrate=true"))
        .await
        .unwrap();
    (store, url)
}

/// Puts a job into a store and claims it: what finishes it.
async fn finished(store: &PostgresStore) -> SettleBatch {
    store.enqueue(EnqueueBatch::one(bed::job())).await.unwrap();
    let request = ClaimRequest::new(bed::worker("w"), vec![bed::queue(bed::QUEUE)], 1).unwrap();
    let claimed = store.claim(request).await.unwrap();
    SettleBatch::new(vec![Settlement {
        lease: claimed.first().unwrap().lease,
        transition: Transition::Finish(Completion::default()),
    }])
    .unwrap()
}

/// What each of the three verbs says to a transaction that begins like this.
async fn refusals(store: &PostgresStore, url: &str, begin: &'static str) -> Vec<StoreError> {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let settle = finished(store).await;
    let mut errors = Vec::new();
    let mut transaction = connection.begin_with(begin).await.unwrap();
    let enqueue = EnqueueBatch::one(bed::job());
    errors.push(
        store
            .enqueue_in(&mut transaction, &enqueue)
            .await
            .unwrap_err(),
    );
    transaction.rollback().await.unwrap();
    let mut transaction = connection.begin_with(begin).await.unwrap();
    errors.push(
        store
            .settle_in(&mut transaction, &settle)
            .await
            .unwrap_err(),
    );
    transaction.rollback().await.unwrap();
    let mut transaction = connection.begin_with(begin).await.unwrap();
    let publish = PublishBatch::new(vec![bed::message("r")]).unwrap();
    errors.push(
        store
            .publish_in(&mut transaction, &publish)
            .await
            .unwrap_err(),
    );
    transaction.rollback().await.unwrap();
    errors
}

#[tokio::test]
async fn another_database_is_refused() {
    let (store, _) = fresh().await;
    let (other, elsewhere) = fresh().await;
    // The same id under the same fence runs there too.
    let theirs = finished(&other).await.settlements()[0].lease;
    for error in refusals(&store, &elsewhere, "BEGIN").await {
        let said = error.to_string();
        assert!(matches!(error, StoreError::Refused { .. }), "{said}");
        assert!(
            said.contains("another database") && said.contains("the store's own"),
            "{said}"
        );
    }
    let job = other.job(theirs.job()).await.unwrap().unwrap();
    assert_eq!(job.state, JobState::Running);
    // As empty as it can be.
    let nothing = PostgresCluster::shared().create_database();
    for error in refusals(&store, &nothing, "BEGIN").await {
        assert!(error.to_string().contains("another database"), "{error}");
    }
}

#[tokio::test]
async fn another_isolation_is_refused() {
    let (store, url) = fresh().await;
    for (begin, name) in [
        ("BEGIN ISOLATION LEVEL REPEATABLE READ", "REPEATABLE READ"),
        ("BEGIN ISOLATION LEVEL SERIALIZABLE", "SERIALIZABLE"),
    ] {
        for error in refusals(&store, &url, begin).await {
            let said = error.to_string();
            assert!(matches!(error, StoreError::Refused { .. }), "{said}");
            assert!(
                said.contains(name) && said.contains("READ COMMITTED"),
                "{said}"
            );
        }
    }
}

#[tokio::test]
async fn a_savepoint_of_it_is_as_good() {
    let (store, url) = fresh().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    let batch = EnqueueBatch::one(bed::job());
    let kept = store.enqueue_in(&mut transaction, &batch).await.unwrap();
    let mut savepoint = transaction.begin().await.unwrap();
    let undone = store.enqueue_in(&mut savepoint, &batch).await.unwrap();
    savepoint.rollback().await.unwrap();
    transaction.commit().await.unwrap();
    assert!(store.job(kept[0].job()).await.unwrap().is_some());
    assert!(store.job(undone[0].job()).await.unwrap().is_none());
}

#[tokio::test]
async fn one_that_has_failed_says_so() {
    let (store, url) = fresh().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    sqlx::query("SELECT 1 / 0")
        .execute(&mut *transaction)
        .await
        .unwrap_err();
    let batch = EnqueueBatch::one(bed::job());
    let error = store
        .enqueue_in(&mut transaction, &batch)
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    assert!(error.to_string().ends_with("roll it back"), "{error}");
}

/// What the server says is passed on in its own words, with its hint and no line of its source.
#[tokio::test]
async fn the_servers_words_come_with_its_hint() {
    let (store, url) = fresh().await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let guard = "CREATE FUNCTION guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'no more of these' USING HINT = 'use another queue'; END $$;
        CREATE TRIGGER guard BEFORE INSERT ON leasehold.job EXECUTE FUNCTION guard()";
    sqlx::raw_sql(guard).execute(&mut connection).await.unwrap();
    let error = store
        .enqueue(EnqueueBatch::one(bed::job()))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "enqueue failed: no more of these: use another queue"
    );
}
