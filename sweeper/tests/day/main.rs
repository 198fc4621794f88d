//! A day of the daemon's loops in minutes: with work flowing in, nothing grows that should not. The clock is
//! moved by hand, in a process of its own whose memory can be told from that of other tests.
//!
//! An hour has ten minutes; with `LEASEHOLD_SLOW=1`, as CI runs it, sixty.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic is how a test reports"
)]

mod length;
mod night_watch;
mod observed;
mod traffic;

use fixtures::postgres::PostgresCluster;
use peak_alloc::PeakAlloc;
use queue_ops::Database;

use crate::length::Length;
use crate::observed::{Tables, observe};

/// Counts what is held.
#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// The body of the process that is watched: does nothing unless it was started as one.
#[test]
fn watched() {
    if let Ok(url) = std::env::var(observed::URL) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime
            .unwrap()
            .block_on(night_watch::keep(&url, Length::chosen()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("jobs.db");
    let url = format!("sqlite:{}", file.display());
    Database::parse(&url).unwrap().migrate().await.unwrap();
    observe(&url, &Tables::Sqlite { file });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_on_postgres() {
    // A real day has 1,440 visits of autovacuum; this one has as many for its length.
    let cluster = PostgresCluster::start_with(&[
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "autovacuum_naptime=1s",
    ]);
    let url = cluster.create_database();
    Database::parse(&url).unwrap().migrate().await.unwrap();
    observe(&url, &Tables::Postgres { cluster: &cluster });
}
