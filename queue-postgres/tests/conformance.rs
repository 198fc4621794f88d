//! The suite that defines a store.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

mod caller;

use std::sync::Arc;

use caller::OwnTransactions;
use fixtures::bed::Bed;
use fixtures::postgres::PostgresCluster;
use queue_core::{Clock, ManualClock, Store};
use queue_postgres::PostgresOptions;

async fn postgres() -> Bed {
    let database = PostgresCluster::shared().passing_database();
    let url = database.url();
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
        transactions: Some(Arc::new(OwnTransactions {
            store,
            connect: url.parse().unwrap(),
        })),
        keep: Box::new(database),
    }
}

fixtures::conformance!(postgres);

#[test]
fn it_agrees_with_the_model_on_random_histories() {
    fixtures::random_history::check(fixtures::random_history::cases(500), postgres).unwrap();
}
