//! As behind PgBouncer in transaction mode: nothing stays prepared, nothing stays in the session. And
//! in a schema of another name.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::sync::Arc;

use fixtures::bed::Bed;
use fixtures::postgres::PostgresCluster;
use queue_core::{Clock, ManualClock, Store};
use queue_postgres::PostgresOptions;

async fn pooled() -> Bed {
    let clock = ManualClock::default();
    let database = PostgresCluster::shared().passing_database();
    let url = database.url() + "&prepared=false&schema=user";
    let options = PostgresOptions::new(&url)
        .unwrap()
        .clock(Clock::Manual(clock.clone()));
    options.migrate().await.unwrap();
    let store = options.clone().connect().await.unwrap();
    Bed {
        store: Arc::new(store),
        clock,
        reopen: Box::new(move || {
            let options = options.clone();
            Box::pin(async move { Arc::new(options.connect().await.unwrap()) as Arc<dyn Store> })
        }),
        transactions: None,
        keep: Box::new(database),
    }
}

#[test]
fn it_agrees_with_the_model_on_random_histories() {
    fixtures::random_history::check(fixtures::random_history::cases(200), pooled).unwrap();
}
