//! Started, reloaded, asked, stopped; and what a service manager hears of it.

use std::time::Duration;

use fixtures::bed::message;
use fixtures::postgres::PostgresCluster;
use queue_core::{JobState, PublishBatch};

use crate::harness::{Place, Running, abandoned_job, until_status};

/// From the start to the end, as systemd sees it.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_manager_is_told() {
    for place in [Place::sqlite().await, Place::postgres().await] {
        let mut program = place.program();
        program.env("WATCHDOG_USEC", "200000");
        let daemon = Running::start_managed(program, place.dir.path());
        let ready = daemon.tells("READY=1");
        assert!(ready.contains("STATUS=all loops run"), "{ready}");
        daemon.tells("WATCHDOG=1");
        assert!(!until_status(&place, "/healthz", 200).is_empty());

        daemon.signal("HUP");
        let reloading = daemon.tells("RELOADING=1");
        let stamp = reloading
            .lines()
            .find_map(|line| line.strip_prefix("MONOTONIC_USEC="));
        assert!(stamp.unwrap().parse::<u64>().unwrap() > 0, "{reloading}");
        daemon.tells("READY=1");

        daemon.signal("TERM");
        daemon.tells("STOPPING=1");
        let (status, said) = daemon.ends();
        assert_eq!(status.code(), Some(0), "{said:?}");
        assert!(said.last().unwrap().contains("stopped"), "{said:?}");
        assert!(!place.socket().exists(), "the socket is gone with it");
    }
}

/// It does what it is for, and goes on doing it.
#[tokio::test(flavor = "multi_thread")]
async fn expired_leases_are_swept_as_they_come() {
    let place = Place::postgres().await;
    let store = place.store().await;
    let daemon = Running::start(place.program());
    daemon.hears("every loop has had its first pass");
    for _ in 0..2 {
        let job = abandoned_job(&*store).await;
        while store.job(job).await.unwrap().unwrap().state != JobState::Queued {
            tokio::task::yield_now().await;
        }
    }
}

/// What can change does, what cannot is named, what is wrong changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_reload_is_all_or_nothing() {
    let place = Place::sqlite().await;
    let file = place.dir.path().join("sweeper.toml");
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    write("[sweeper]\nretention_every = \"off\"");
    let mut program = place.program();
    program
        .arg("--config")
        .arg(&file)
        .env_remove("LEASEHOLD_SWEEPER_LEASES_EVERY");
    let daemon = Running::start(program);
    daemon.hears("every loop has had its first pass");
    let health =
        || -> serde_json::Value { serde_json::from_str(&place.get("/healthz").1).unwrap() };
    assert_eq!(health()["loops"]["retention"]["on"], false);

    write("[sweeper]\nretention_evry = \"1h\"");
    daemon.signal("HUP");
    let line = daemon.hears("the old one holds");
    assert!(
        line.contains("the nearest is `sweeper.retention_every`"),
        "{line}"
    );
    assert_eq!(health()["loops"]["retention"]["on"], false);
    assert_eq!(health()["loops"]["leases"]["every_seconds"], 5.0);

    write("[sweeper]\nretention_every = \"1h\"\nleases_every = \"250ms\"\nname = \"another\"");
    daemon.signal("HUP");
    let line = daemon.hears("only when the process is started anew");
    assert!(line.contains("sweeper.name"), "{line}");
    daemon.hears("was read again");
    assert_eq!(health()["loops"]["leases"]["every_seconds"], 0.25);
    while health()["loops"]["retention"]["passes"] == 0 {
        tokio::task::yield_now().await;
    }

    // Fewer lines are a change, too: this one is the last.
    write("[log]\nlevel = \"error\"");
    daemon.signal("HUP");
    daemon.signal("USR1");
    daemon.signal("TERM");
    let (status, said) = daemon.ends();
    assert_eq!(status.code(), Some(0));
    assert!(
        !said.iter().any(|line| line.contains("stopped")),
        "{said:?}"
    );
}

/// The state is the document of `/healthz`.
#[tokio::test(flavor = "multi_thread")]
async fn the_state_goes_to_the_log_when_asked_for() {
    let place = Place::sqlite().await;
    let mut program = place.program();
    program
        .env("LEASEHOLD_LOG_FORMAT", "json")
        .env("LEASEHOLD_SWEEPER_LOG_EVERY", "100ms");
    let daemon = Running::start(program);
    daemon.hears("every loop has had its first pass");
    daemon.signal("USR1");
    let line: serde_json::Value = serde_json::from_str(&daemon.hears("as asked for")).unwrap();
    let state: serde_json::Value = serde_json::from_str(line["state"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&state["version"], &state["status"]),
        (&1.into(), &"ok".into())
    );
    assert_eq!(state["loops"].as_object().unwrap().len(), 8);
    let line: serde_json::Value = serde_json::from_str(&daemon.hears("\"statistics\"")).unwrap();
    for figure in ["published", "failed", "dead", "in_doubt", "lag_seconds"] {
        assert!(line[figure].is_number(), "{line}");
    }
}

/// Nothing under way holds it up for longer than is said, and a second signal not even that.
#[tokio::test(flavor = "multi_thread")]
async fn a_hung_loop_stops_the_watchdog_and_not_the_stop() {
    for (stop_timeout, signals, code) in [("300ms", 1, 143), ("1h", 2, 143)] {
        let place = Place::postgres().await;
        let mut program = place.program();
        program
            .env("LEASEHOLD_SWEEPER_STUCK_AFTER", "300ms")
            .env("LEASEHOLD_SWEEPER_STOP_TIMEOUT", stop_timeout)
            .env("WATCHDOG_USEC", "200000");
        let daemon = Running::start_managed(program, place.dir.path());
        daemon.tells("READY=1");
        daemon.tells("WATCHDOG=1");
        assert_eq!(place.get("/livez").0, 200);

        hang(&place);
        daemon.hears("the loop is stuck");
        // On a busy machine another loop may have been late for a moment before.
        let said = until_status(&place, "/livez", 503);
        assert!(said.starts_with("not alive: stuck: "), "{said}");
        // What was on its way when it got stuck may be there still; more does not come.
        while daemon.message_within(Duration::from_secs(1)).is_some() {}

        for _ in 0..signals {
            daemon.signal("TERM");
            daemon.tells("STOPPING=1");
            if signals == 2 {
                daemon.signal("TERM");
                break;
            }
        }
        let (status, said) = daemon.ends();
        assert_eq!(status.code(), Some(code), "{said:?}");
    }
}

/// Its socket holds ten messages: whoever sends one more waits until they are read.
#[tokio::test(flavor = "multi_thread")]
async fn a_manager_that_reads_nothing_holds_nothing_up() {
    let place = Place::sqlite().await;
    let mut program = place.program();
    program.env("WATCHDOG_USEC", "20000");
    let daemon = Running::start_managed(program, place.dir.path());
    daemon.tells("READY=1");
    let up = || {
        let health: serde_json::Value = serde_json::from_str(&place.get("/healthz").1).unwrap();
        health["up_seconds"].as_f64().unwrap()
    };
    let begun = up();
    while up() < begun + 1.0 {}
    let (status, page) = place.get("/livez");
    assert_eq!(status, 200, "{page}");

    daemon.signal("TERM");
    let (status, said) = daemon.ends();
    assert_eq!(status.code(), Some(0), "{said:?}");
}

/// A deliverer that waits for an answer is stuck like any loop, and each channel says how it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_hung_deliverer_stops_the_watchdog() {
    let place = Place::postgres().await;
    let file = place.dir.path().join("leasehold.toml");
    let sent = place.dir.path().join("sent");
    let channel = format!("[channels.email]\ntype = \"file\"\npath = {sent:?}");
    std::fs::write(&file, channel).unwrap();
    let mut program = place.program();
    program
        .arg("--config")
        .arg(&file)
        .env("LEASEHOLD_SWEEPER_STUCK_AFTER", "300ms")
        .env("LEASEHOLD_SWEEPER_STOP_TIMEOUT", "300ms")
        .env("LEASEHOLD_DELIVERY_GRACE", "300ms")
        .env("WATCHDOG_USEC", "200000");
    let daemon = Running::start_managed(program, place.dir.path());
    daemon.tells("READY=1");
    let store = place.store().await;
    let publish = async |to: &str| {
        let batch = PublishBatch::new(vec![message(to)]).unwrap();
        store.publish(batch).await.unwrap();
    };
    publish("ada@example.org").await;
    let health =
        || -> serde_json::Value { serde_json::from_str(&place.get("/healthz").1).unwrap() };
    while health()["channels"]["email"]["rows"] != 1 {
        tokio::task::yield_now().await;
    }
    let seen = health();
    assert_eq!(seen["dependencies"]["delivery"]["answers"], true, "{seen}");
    let email = &seen["channels"]["email"];
    assert!(email["last_success_timestamp"].is_number() && email["age_seconds"].is_number());
    assert_eq!(
        (&email["errors"], &email["paused"]),
        (&0.into(), &false.into())
    );
    let page = place.get("/metrics").1;
    let paused = "leasehold_channel_paused{channel=\"email\"} 0";
    let heard = "leasehold_channel_last_success_timestamp_seconds{channel=\"email\"} ";
    assert!(page.contains(paused) && page.contains(heard), "{page}");
    daemon.tells("WATCHDOG=1");

    // Nothing else leases notifications.
    nap(
        &place,
        "notification",
        "WHEN (old.state = 0 AND new.state = 1)",
    );
    publish("bob@example.org").await;
    daemon.hears("delivery by email");
    let said = until_status(&place, "/livez", 503);
    assert!(
        said.contains("delivery by email (nothing heard for"),
        "{said}"
    );
    assert_eq!(health()["dependencies"]["delivery"]["answers"], false);
    while daemon.message_within(Duration::from_secs(1)).is_some() {}
    daemon.signal("TERM");
    daemon.signal("TERM");
    let (status, said) = daemon.ends();
    assert_eq!(status.code(), Some(143), "{said:?}");
}

/// From now on no bid for a role comes to an end, and nothing says that it will not.
fn hang(place: &Place) {
    nap(place, "leader", "");
}

/// From now on no write to a table comes to an end.
fn nap(place: &Place, table: &str, when: &str) {
    let nap = format!(
        "CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN PERFORM pg_sleep(3600); RETURN NEW; END';
        CREATE TRIGGER nap_late BEFORE UPDATE ON leasehold.{table}
            FOR EACH ROW {when} EXECUTE FUNCTION nap();
        CREATE TRIGGER nap_new BEFORE INSERT ON leasehold.{table}
            FOR EACH ROW WHEN ('{table}' = 'leader') EXECUTE FUNCTION nap()"
    );
    let url: url::Url = place.url.parse().unwrap();
    let database = url.path().trim_start_matches('/');
    PostgresCluster::shared().sql(database, &nap).unwrap();
}
