//! A service's own transactions, on connections of its own.

use async_trait::async_trait;
use fixtures::bed::CallerTransaction;
use queue_core::{EnqueueBatch, Enqueued, SettleBatch, Settled, StoreError};
use queue_postgres::PostgresStore;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, Postgres, Transaction};

/// To a store, and to its database by the driver's means.
pub(crate) struct OwnTransactions {
    pub(crate) store: PostgresStore,
    pub(crate) connect: PgConnectOptions,
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
        let mut connection = PgConnection::connect_with(&self.connect).await.unwrap();
        let mut transaction = connection.begin().await.unwrap();
        let enqueued = self.store.enqueue_in(&mut transaction, &batch).await;
        end(transaction, commit).await;
        enqueued
    }

    async fn settle(&self, batch: SettleBatch, commit: bool) -> Result<Vec<Settled>, StoreError> {
        let mut connection = PgConnection::connect_with(&self.connect).await.unwrap();
        let mut transaction = connection.begin().await.unwrap();
        let settled = self.store.settle_in(&mut transaction, &batch).await;
        end(transaction, commit).await;
        settled
    }
}
