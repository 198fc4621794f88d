//! The suite that defines a store.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use fixtures::bed::{Bed, CallerTransaction};
use queue_core::{
    Clock, EnqueueBatch, Enqueued, ManualClock, SettleBatch, Settled, Store, StoreError,
};
use queue_sqlite::{SqliteOptions, SqliteStore, Synchronous};
use rusqlite::{Connection, Transaction, TransactionBehavior};

struct OwnTransactions {
    store: SqliteStore,
    path: PathBuf,
}

impl OwnTransactions {
    fn run<T>(
        &self,
        commit: bool,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut conn = Connection::open(&self.path).unwrap();
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .unwrap();
        let value = work(&tx)?;
        if commit {
            tx.commit().unwrap();
        } else {
            tx.rollback().unwrap();
        }
        Ok(value)
    }
}

#[async_trait]
impl CallerTransaction for OwnTransactions {
    async fn enqueue(
        &self,
        batch: EnqueueBatch,
        commit: bool,
    ) -> Result<Vec<Enqueued>, StoreError> {
        self.run(commit, |tx| self.store.enqueue_in(tx, &batch))
    }

    async fn settle(&self, batch: SettleBatch, commit: bool) -> Result<Vec<Settled>, StoreError> {
        self.run(commit, |tx| self.store.settle_in(tx, &batch))
    }
}

/// Without waiting for the disk: what the suite asks does not depend on it.
async fn sqlite() -> Bed {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    let clock = ManualClock::default();
    let options = SqliteOptions::new(&path)
        .clock(Clock::Manual(clock.clone()))
        .synchronous(Synchronous::Normal);
    let store = options.clone().open().await.unwrap();
    Bed {
        store: Arc::new(store.clone()),
        clock,
        reopen: Box::new(move || {
            let options = options.clone();
            Box::pin(async move { Arc::new(options.open().await.unwrap()) as Arc<dyn Store> })
        }),
        transactions: Some(Arc::new(OwnTransactions { store, path })),
        keep: Box::new(dir),
    }
}

fixtures::conformance!(sqlite);

#[test]
fn it_agrees_with_the_model_on_random_histories() {
    fixtures::random_history::check(fixtures::random_history::cases(2000), sqlite).unwrap();
}
