//! The database goes, and comes back.

use std::time::Instant;

use fixtures::postgres::PostgresCluster;
use queue_core::JobState;

use crate::harness::{PATIENCE, Place, Running, abandoned_job, until_status};

/// Loops go on by themselves; it is alive all along, not ready meanwhile, and says each once.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_sat_out() {
    let cluster = PostgresCluster::start();
    let place = Place::on(&cluster).await;
    let daemon = Running::start_managed(place.program(), place.dir.path());
    daemon.tells("READY=1");
    until_status(&place, "/readyz", 200);

    cluster.stop_fast();
    daemon.hears("the database does not answer");
    let (status, why) = place.get("/readyz");
    assert_eq!(status, 503);
    assert!(why.starts_with("not ready: STORE_"), "{why}");
    let (status, health) = place.get("/healthz");
    assert_eq!(status, 503);
    let health: serde_json::Value = serde_json::from_str(&health).unwrap();
    assert_eq!(health["status"], "degraded");
    assert_eq!(health["dependencies"]["database"]["answers"], false);
    // Each loop has failed, and still one line was said.
    let failing = || {
        let health: serde_json::Value = serde_json::from_str(&place.get("/healthz").1).unwrap();
        let loops = health["loops"].as_object().unwrap().clone();
        let quick = loops.iter().filter(|(name, _)| *name != "retention");
        quick
            .filter(|(_, it)| it["errors_in_a_row"].as_u64().unwrap() >= 3)
            .count()
    };
    let until = Instant::now() + PATIENCE;
    while failing() < 7 {
        assert!(Instant::now() < until, "{}", place.get("/healthz").1);
        assert_eq!(place.get("/livez").0, 200);
        std::thread::yield_now();
    }
    assert!(
        place
            .get("/metrics")
            .1
            .contains("leasehold_sweep_errors_total{loop=\"leases\"}")
    );

    daemon.tells("STATUS=the database does not answer");
    cluster.restart();
    daemon.hears("the database answers again");
    until_status(&place, "/readyz", 200);
    let job = abandoned_job(&*place.store().await).await;
    let store = place.store().await;
    while store.job(job).await.unwrap().unwrap().state != JobState::Queued {
        tokio::task::yield_now().await;
    }
    assert_eq!(place.get("/livez").0, 200);
    assert_eq!(daemon.lines_with("the database does not answer"), 1);
    assert_eq!(daemon.lines_with("the database answers again"), 1);
    assert_eq!(
        daemon.lines_with("a loop fails"),
        0,
        "{:?}",
        daemon.said.lock().unwrap()
    );
}

/// Down at the start it waits, serves, and is ready when the database is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_the_database_waits_for_it() {
    let cluster = PostgresCluster::start();
    let place = Place::on(&cluster).await;
    cluster.stop_fast();
    let daemon = Running::start_managed(place.program(), place.dir.path());
    daemon.tells("EXTEND_TIMEOUT_USEC=");
    assert_eq!(place.get("/livez").0, 200);
    assert_eq!(place.get("/readyz").0, 503);
    let health: serde_json::Value = serde_json::from_str(&place.get("/healthz").1).unwrap();
    assert_eq!(health["status"], "starting");
    cluster.restart();
    daemon.tells("READY=1");
    until_status(&place, "/readyz", 200);
}

/// A standby reads, and is not to be written to.
#[tokio::test(flavor = "multi_thread")]
async fn a_standby_is_not_ready() {
    let cluster = PostgresCluster::start();
    let place = Place::on(&cluster).await;
    let daemon = Running::start(place.program());
    daemon.hears("every loop has had its first pass");
    until_status(&place, "/readyz", 200);
    cluster.stop_fast();
    cluster.restart_as_standby();
    let mut why = until_status(&place, "/readyz", 503);
    while !why.contains("read-only") {
        why = until_status(&place, "/readyz", 503);
    }
}
