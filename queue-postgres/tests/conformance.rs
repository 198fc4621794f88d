//! The suite that defines a store.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::sync::Arc;

use async_trait::async_trait;
use fixtures::bed::{Bed, CallerTransaction};
use fixtures::postgres::PostgresCluster;
use queue_core::{
    Clock, EnqueueBatch, Enqueued, ManualClock, SettleBatch, Settled, Store, StoreError,
};
use queue_postgres::{PostgresOptions, PostgresStore};
use sqlx::{Connection, PgConnection, Postgres, Transaction};

struct OwnTransactions {
    store: PostgresStore,
    url: String,
}

async fn end(transaction: Transaction<'_, Postgres>, commit: bool) {
    let ended = if commit {
        transaction.commit().await
    } else {
        transaction.rollback().await
    };
    ended.unwrap();
}

#[async_trait]
impl CallerTransaction for OwnTransactions {
    async fn enqueue(
        &self,
        batch: EnqueueBatch,
        commit: bool,
    ) -> Result<Vec<Enqueued>, StoreError> {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let mut transaction = connection.begin().await.unwrap();
        let enqueued = self.store.enqueue_in(&mut transaction, &batch).await;
        end(transaction, commit).await;
        enqueued
    }

    async fn settle(&self, batch: SettleBatch, commit: bool) -> Result<Vec<Settled>, StoreError> {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let mut transaction = connection.begin().await.unwrap();
        let settled = self.store.settle_in(&mut transaction, &batch).await;
        end(transaction, commit).await;
        settled
    }
}

async fn postgres() -> Bed {
    on(PostgresCluster::shared().create_database()).await
}

async fn on(url: String) -> Bed {
    let clock = ManualClock::default();
    let options = PostgresOptions::new(&url)
        .unwrap()
        .clock(Clock::Manual(clock.clone()));
    options.migrate().await.unwrap();
    let store = options.clone().connect().await.unwrap();
    Bed {
        store: Arc::new(store.clone()),
        clock,
        reopen: Box::new(move || {
            let options = options.clone();
            Box::pin(async move { Arc::new(options.connect().await.unwrap()) as Arc<dyn Store> })
        }),
        transactions: Some(Arc::new(OwnTransactions { store, url })),
        keep: Box::new(()),
    }
}

fixtures::conformance!(postgres);

#[test]
fn it_agrees_with_the_model_on_random_histories() {
    fixtures::random_history::check(fixtures::random_history::cases(500), postgres).unwrap();
}
