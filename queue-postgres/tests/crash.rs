//! I1 to I4 under `kill -9` of clients and immediate stops of the server, checked from outside.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test reports"
)]

use std::sync::Arc;

use fixtures::crash::{child_if_asked, kill_rounds, stop_rounds};
use fixtures::postgres::PostgresCluster;
use fixtures::random_history::cases;
use futures::future::BoxFuture;
use queue_core::Store;
use queue_postgres::PostgresStore;

fn open(url: String) -> BoxFuture<'static, Arc<dyn Store>> {
    Box::pin(async move {
        // The child of a round may find the server still starting.
        let mut error = None;
        for _ in 0..200 {
            match PostgresStore::connect(&url).await {
                Ok(store) => return Arc::new(store) as Arc<dyn Store>,
                Err(failed) if failed.is_transient() => error = Some(failed),
                Err(failed) => panic!("{failed:?}"),
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the server does not come back: {error:?}")
    })
}

/// The process that the others start and kill; by itself it does nothing.
#[test]
fn child() {
    child_if_asked(open);
}

fn migrated(cluster: &PostgresCluster) -> String {
    let url = cluster.create_database();
    let joint = if url.contains('?') { '&' } else { '?' };
    let migrate = format!("{url}{joint}migrate=true");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async { drop(PostgresStore::connect(&migrate).await.unwrap()) });
    url
}

#[test]
fn nothing_is_lost_or_done_twice_over_50_kills() {
    let cluster = PostgresCluster::start_durable();
    let url = migrated(&cluster);
    println!("{}", kill_rounds(&url, open, cases(50), false).unwrap());
}

/// The server dies without a checkpoint and recovers from its log; the clients live on.
#[test]
fn nothing_is_lost_or_done_twice_over_10_immediate_stops() {
    let cluster = PostgresCluster::start_durable();
    let url = migrated(&cluster);
    let stop = || {
        cluster.stop_immediate();
        cluster.restart();
    };
    println!(
        "{}",
        stop_rounds(&url, open, cases(10).max(2), stop).unwrap()
    );
}

/// The checker itself can fail: without the fence it does.
#[test]
fn the_checker_goes_red_on_a_store_without_fence() {
    let cluster = PostgresCluster::start_durable();
    let url = migrated(&cluster);
    let broken = kill_rounds(&url, open, 60, true).unwrap_err();
    assert!(broken.contains("I2:") || broken.contains("I4:"), "{broken}");
}
