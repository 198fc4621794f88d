//! The audit chain is watched.

use fixtures::bed::ada;
use queue_core::ChannelName;

use crate::harness::{Place, Running};

/// What was verified once can be changed afterwards by whoever can write to the database: it is looked at anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_changed_after_it_was_verified_is_found() {
    let place = Place::sqlite().await;
    let email = ChannelName::new("email").unwrap();
    let store = place.store().await;
    store.pause_channel(&email, true, &ada()).await.unwrap();
    store.pause_channel(&email, false, &ada()).await.unwrap();
    let mut program = place.program();
    program
        .env("LEASEHOLD_SWEEPER_AUDIT_EVERY", "20ms")
        .env("LEASEHOLD_SWEEPER_AUDIT_ANEW_EVERY", "100ms");
    let daemon = Running::start_managed(program, place.dir.path());
    daemon.tells("READY=1");
    let verified = || {
        let health = serde_json::from_str::<serde_json::Value>(&place.get("/healthz").1);
        health.unwrap()["audit"]["verified_to"].as_i64()
    };
    while verified() != Some(2) {
        tokio::task::yield_now().await;
    }
    let tamper = "DROP TRIGGER leasehold_audit_no_update;
        UPDATE leasehold_audit SET reason = 'nobody asked' WHERE seq = 1";
    place.rusqlite().execute_batch(tamper).unwrap();
    let line = daemon.hears("the audit chain is broken");
    assert!(line.contains("record=1"), "{line}");
    let (_, metrics) = place.get("/metrics");
    assert!(
        metrics.contains("leasehold_audit_chain_broken 1"),
        "{metrics}"
    );
    daemon.signal("TERM");
    assert_eq!(daemon.ends().0.code(), Some(0));
}
