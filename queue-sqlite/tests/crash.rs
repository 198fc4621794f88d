//! I1 to I4 under `kill -9`, checked from outside.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::sync::Arc;

use fixtures::crash::{child_if_asked, kill_rounds};
use fixtures::random_history::cases;
use futures::future::BoxFuture;
use queue_core::Store;
use queue_sqlite::SqliteStore;

fn open(url: String) -> BoxFuture<'static, Arc<dyn Store>> {
    Box::pin(async move { Arc::new(SqliteStore::connect(&url).await.unwrap()) as Arc<dyn Store> })
}

fn fresh() -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("crash.db").display());
    (dir, url)
}

/// The process that the others start and kill; by itself it does nothing.
#[test]
fn child() {
    child_if_asked(open);
}

#[test]
fn nothing_is_lost_or_done_twice_over_200_kills() {
    let (_dir, url) = fresh();
    println!("{}", kill_rounds(&url, open, cases(200), false).unwrap());
}

/// The checker itself can fail: without the fence it does.
#[test]
fn the_checker_goes_red_on_a_store_without_fence() {
    let (_dir, url) = fresh();
    let broken = kill_rounds(&url, open, 60, true).unwrap_err();
    assert!(broken.contains("I2:") || broken.contains("I4:"), "{broken}");
}
