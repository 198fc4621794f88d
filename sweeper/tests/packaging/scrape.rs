//! What a real daemon serves, as Prometheus's own tool reads it.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::harness::{PATIENCE, Place, Running, abandoned_job, delivering, publish, until_sent};
use crate::tool::{said, tool};

#[tokio::test(flavor = "multi_thread")]
async fn a_scrape_is_clean() {
    for place in [Place::sqlite().await, Place::postgres().await] {
        let store = place.store().await;
        abandoned_job(&*store).await;
        let daemon = Running::start(place.program());
        daemon.hears("every loop has had its first pass");
        let (status, text) = place.get("/metrics");
        assert_eq!(status, 200);
        for part in [
            "leasehold_queue_depth{queue=\"mail\",state=",
            "leasehold_sweep_duration_seconds_bucket",
            "leasehold_build_info",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(check(&text), (true, String::new()));
    }
}

/// With channels there is more of it: what was sent, how it went, who was told.
#[tokio::test(flavor = "multi_thread")]
async fn a_scrape_of_who_delivers_is_clean() {
    for place in [Place::sqlite().await, Place::postgres().await] {
        let store = place.store().await;
        let daemon = Running::start(delivering(&place));
        daemon.hears("every loop has had its first pass");
        let id = publish(&*store, "ada@example.org").await;
        until_sent(&*store, id).await;
        let parts = [
            "leasehold_notifications_total{channel=\"log\",outcome=\"sent\"} 1",
            "leasehold_delivery_duration_seconds_bucket{channel=\"log\",le=",
            "leasehold_channel_last_success_timestamp_seconds{channel=\"log\"}",
            "leasehold_channel_paused{channel=\"log\"} 0",
            "leasehold_notifications_pending 0",
        ];
        let until = Instant::now() + PATIENCE;
        loop {
            let (status, text) = place.get("/metrics");
            assert_eq!(status, 200);
            assert_eq!(check(&text), (true, String::new()));
            // What was marked is counted a moment later.
            let missing = parts.iter().find(|part| !text.contains(**part));
            let Some(missing) = missing else { break };
            assert!(Instant::now() < until, "{missing}: {text}");
        }
    }
}

#[test]
fn an_unclean_one_is_noticed() {
    let (clean, said) = check("# TYPE leasehold_jobs counter\nleasehold_jobs 1\n");
    assert!(!clean && said.contains("_total"), "{said}");
}

fn check(text: &str) -> (bool, String) {
    let child = Command::new(tool("PROMTOOL", "promtool"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("promtool runs; `cargo xtask test` installs it");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(text.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    (output.status.success(), said(&output))
}
