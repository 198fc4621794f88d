//! I1 and I7 under `kill -9` of a deliverer.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeSet;
use std::sync::Arc;

use fixtures::delivery::{Wreck, deliver_if_asked, killed_between_steps};
use futures::future::BoxFuture;
use queue_core::Store;
use queue_sqlite::SqliteStore;

fn open(url: String) -> BoxFuture<'static, Arc<dyn Store>> {
    Box::pin(async move { Arc::new(SqliteStore::connect(&url).await.unwrap()) as Arc<dyn Store> })
}

/// The process that is started and killed; by itself it does nothing.
#[test]
fn child() {
    deliver_if_asked(open);
}

/// Each way to end is met: nothing had left, both doubts, and marked.
#[test]
fn a_deliverer_may_be_killed_between_any_two_of_its_steps() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("outbox.db").display());
    let wrecks = killed_between_steps(&url, open).unwrap();
    println!("{wrecks:?}");
    let ends: BTreeSet<_> = wrecks.into_iter().collect();
    assert_eq!(
        ends.into_iter().collect::<Vec<_>>(),
        [
            Wreck::Unsent,
            Wreck::DoubtedAndAbsent,
            Wreck::DoubtedAndHeld,
            Wreck::Marked
        ]
    );
}
