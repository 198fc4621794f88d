//! I1 to I4 under `kill -9` of workers and power cuts of the server, checked from outside.

use std::sync::Arc;

use fixtures::crash::{child_if_asked, kill_rounds, stop_rounds};
use fixtures::postgres::PostgresCluster;
use fixtures::random_history::cases;
use futures::future::BoxFuture;
use queue_core::Store;
use queue_postgres::PostgresStore;

/// Waits as long as the server takes to come back.
#[expect(clippy::panic, reason = "a panic is how a test reports")]
fn open(url: String) -> BoxFuture<'static, Arc<dyn Store>> {
    Box::pin(async move {
        let mut attempts = 0;
        loop {
            match PostgresStore::connect(&url).await {
                Ok(store) => return Arc::new(store) as Arc<dyn Store>,
                Err(error) if error.is_transient() && attempts < 100 => attempts += 1,
                Err(error) => panic!("{error}"),
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    })
}

fn fresh(cluster: &PostgresCluster) -> String {
    cluster.create_database() + "&migrate=true&pool=4"
}

/// The process that the others start and kill; by itself it does nothing.
#[test]
fn child() {
    child_if_asked(open);
}

#[test]
fn nothing_is_lost_or_done_twice_over_100_kills() {
    let url = fresh(PostgresCluster::shared());
    println!("{}", kill_rounds(&url, open, cases(100), false).unwrap());
}

#[test]
fn nothing_is_lost_or_done_twice_over_20_power_cuts_of_the_server() {
    let cluster = PostgresCluster::start_durable();
    let url = fresh(&cluster);
    let cut = || {
        cluster.stop_immediate();
        cluster.restart();
    };
    println!("{}", stop_rounds(&url, open, cases(20), cut).unwrap());
}

/// The checker itself can fail: without the fence it does.
#[test]
fn the_checker_goes_red_on_a_store_without_fence() {
    let url = fresh(PostgresCluster::shared());
    let broken = kill_rounds(&url, open, 60, true).unwrap_err();
    assert!(broken.contains("I2:") || broken.contains("I4:"), "{broken}");
}
