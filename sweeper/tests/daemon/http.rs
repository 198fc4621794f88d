//! Health and metrics over HTTP, within their limits.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use fixtures::postgres::PostgresCluster;
use queue_core::migration::MigrationTarget;
use queue_core::{EnqueueBatch, KindName, NewJob, Payload, QueueName};
use queue_ops::Database;

use crate::harness::{PATIENCE, Place, Running, delivering, output, send, until_status};

async fn served() -> (Place, Running) {
    let place = Place::sqlite().await;
    let daemon = Running::start(place.program());
    daemon.hears("every loop has had its first pass");
    (place, daemon)
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_limited() {
    let (place, _daemon) = served().await;
    let ask = |request: &str| send(&place.socket(), request.as_bytes());
    let answer = ask("POST /livez HTTP/1.1\r\nhost: x\r\n\r\n");
    assert_eq!(status(&answer), 405);
    assert!(answer.contains("allow: GET, HEAD"), "{answer}");
    let answer = ask("HEAD /livez HTTP/1.1\r\nhost: x\r\n\r\n");
    assert_eq!(status(&answer), 200);
    assert!(
        answer.contains("content-length: 6\r\n") && answer.ends_with("\r\n\r\n"),
        "{answer}"
    );
    let answer = ask("GET /livez HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc");
    assert_eq!(status(&answer), 413);
    let answer = ask("GET /helthz HTTP/1.1\r\nhost: x\r\n\r\n");
    assert_eq!(status(&answer), 404);
    for path in ["/livez", "/readyz", "/healthz", "/metrics"] {
        assert!(answer.contains(path), "{answer}");
        let answer = ask(&format!("GET {path}?verbose=1 HTTP/1.1\r\nhost: x\r\n\r\n"));
        assert_eq!(status(&answer), 200, "{answer}");
    }
    let long = "x".repeat(9000);
    let answer = ask(&format!(
        "GET /livez HTTP/1.1\r\nhost: x\r\nlong: {long}\r\n\r\n"
    ));
    assert_eq!(status(&answer), 431);
    let answer = ask(&format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n"));
    assert!([414, 431].contains(&status(&answer)), "{answer}");
    assert_eq!(status(&ask("nonsense\r\n\r\n")), 400);
}

/// Who says nothing is sent away, and who comes meanwhile is served afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_are_sent_away_and_many_wait() {
    let (place, _daemon) = served().await;
    let slow = || {
        let mut stream = UnixStream::connect(place.socket()).unwrap();
        stream.write_all(b"GET /livez").unwrap();
        stream
    };
    let mut many: Vec<_> = (0..70).map(|_| slow()).collect();
    // All places are taken: this one waits until the first are sent away.
    assert_eq!(place.get("/livez").0, 200);
    let mut rest = Vec::new();
    many[0].read_to_end(&mut rest).unwrap();
    assert!(!rest.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_is_for_owner_and_group_and_a_stale_one_is_replaced() {
    let place = Place::sqlite().await;
    let daemon = Running::start(place.program());
    daemon.hears("serving health and metrics");
    let mode = std::fs::metadata(place.socket())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o660);

    let (code, _, wrong) = output(&mut place.program());
    assert_eq!(code, 78, "{wrong}");
    assert!(wrong.contains("another process listens there"), "{wrong}");

    daemon.signal("KILL");
    daemon.ends();
    assert!(place.socket().exists(), "left behind");
    let daemon = Running::start(place.program());
    daemon.hears("serving health and metrics");
    assert_eq!(place.get("/livez").0, 200);
    drop(daemon);

    std::fs::remove_file(place.socket()).unwrap();
    std::fs::write(place.socket(), "a file").unwrap();
    let (code, _, wrong) = output(&mut place.program());
    assert_eq!(code, 78);
    assert!(wrong.contains("which is no socket"), "{wrong}");
    assert_eq!(std::fs::read_to_string(place.socket()).unwrap(), "a file");
}

/// A queue has a series while it holds something; names without end end in `other`; what is served stands in the
/// table.
#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_bounded_and_known() {
    let place = Place::sqlite().await;
    let store = place.store().await;
    let job = |queue: String| {
        let kind = KindName::new("k").unwrap();
        NewJob::new(
            QueueName::new(queue).unwrap(),
            kind,
            Payload::json(&1).unwrap(),
        )
    };
    let flood = (0..300).map(|n| job(format!("q{n}"))).collect();
    let ids = store
        .enqueue(EnqueueBatch::new(flood).unwrap())
        .await
        .unwrap();
    let daemon = Running::start(place.program());
    daemon.hears("every loop has had its first pass");
    let metrics = || place.get("/metrics").1;
    let text = metrics();
    let depths = |text: &str| -> Vec<String> {
        let lines = text
            .lines()
            .filter(|line| line.starts_with("leasehold_queue_depth{"));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(depths(&text).len(), 101 * 4);
    let other = "leasehold_queue_depth{queue=\"other\",state=\"ready\"} 200";
    assert!(
        depths(&text).iter().any(|line| line == other),
        "{:?}",
        depths(&text)
    );

    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        let name = line.split(['{', ' ']).next().unwrap();
        let known = sweeper::METRICS.iter().any(|metric| {
            let suffixes = ["", "_bucket", "_sum", "_count"];
            suffixes
                .iter()
                .any(|suffix| format!("{}{suffix}", metric.name) == name)
        });
        assert!(known, "{line}");
        let value = line.rsplit(' ').next().unwrap();
        value.parse::<f64>().unwrap();
    }
    for (name, kind) in [
        ("leasehold_sweep_duration_seconds", "histogram"),
        ("leasehold_queue_depth", "gauge"),
        ("leasehold_sweep_rows_total", "counter"),
    ] {
        assert!(text.contains(&format!("# TYPE {name} {kind}\n")), "{text}");
        assert!(text.contains(&format!("# HELP {name} ")), "{text}");
    }
    assert!(text.contains("leasehold_sweep_duration_seconds_bucket{loop=\"leases\",le=\"0.05\"}"));

    let act = queue_core::Act::new(queue_core::Actor::new("ada").unwrap(), "for the test");
    for id in ids {
        store.cancel(id.job(), &act).await.unwrap();
    }
    while !depths(&metrics()).is_empty() {
        std::thread::yield_now();
    }
}

/// Migrated beyond this build, the database is none to work with; back again, it is.
async fn another_schema_is_not_ready(place: Place, more: &str, back: &str) {
    let daemon = Running::start(place.program());
    daemon.hears("every loop has had its first pass");
    until_status(&place, "/readyz", 200);
    run(&place, more);
    // On a busy machine a pulse may have been late for a moment before.
    let until = Instant::now() + PATIENCE;
    loop {
        let said = until_status(&place, "/readyz", 503);
        if said.contains("version 999") {
            break;
        }
        assert!(Instant::now() < until, "{said}");
    }
    run(&place, back);
    until_status(&place, "/readyz", 200);
}

fn run(place: &Place, sql: &str) {
    match place.url.strip_prefix("sqlite:") {
        Some(file) => queue_sqlite::rusqlite::Connection::open(file)
            .unwrap()
            .execute_batch(sql)
            .unwrap(),
        None => {
            let url: url::Url = place.url.parse().unwrap();
            let database = url.path().trim_start_matches('/');
            PostgresCluster::shared().sql(database, sql).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_schema_is_not_ready_on_sqlite() {
    let place = Place::sqlite().await;
    let more = "INSERT INTO leasehold_migration (version, name, checksum, applied_at)
        VALUES (999, 'later', 'x', 0)";
    another_schema_is_not_ready(
        place,
        more,
        "DELETE FROM leasehold_migration WHERE version = 999",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_schema_is_not_ready_on_postgres() {
    let place = Place::postgres().await;
    let more = "INSERT INTO leasehold.schema_migration (version, name, checksum, applied_at)
        VALUES (999, 'later', 'x', now())";
    let back = "DELETE FROM leasehold.schema_migration WHERE version = 999";
    another_schema_is_not_ready(place, more, back).await;
}

/// An older schema is another one as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_taken_back_is_not_ready() {
    let place = Place::sqlite().await;
    let daemon = Running::start(place.program());
    daemon.hears("every loop has had its first pass");
    let database = Database::parse(&place.url).unwrap();
    let newest = database.survey().await.unwrap().newest;
    let back = MigrationTarget::Version(newest - 1);
    database.migrate_to(back).await.unwrap();
    until_status(&place, "/readyz", 503);
    database.migrate().await.unwrap();
    until_status(&place, "/readyz", 200);
}

/// What the document of a daemon that delivers has in it, but for names of loops, channels and dependencies.
fn members(document: &serde_json::Value, named: bool, found: &mut BTreeSet<String>) {
    match document {
        serde_json::Value::Object(members_of) => {
            for (name, value) in members_of {
                if !named {
                    found.insert(name.clone());
                }
                let by_name = ["loops", "channels", "dependencies"].contains(&name.as_str());
                members(value, by_name && !named, found);
            }
        }
        serde_json::Value::Array(items) => {
            items.iter().for_each(|item| members(item, false, found));
        }
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_tells_of_every_member_of_the_document() {
    let place = Place::sqlite().await;
    let daemon = Running::start(delivering(&place));
    daemon.hears("every loop has had its first pass");
    let (_, text) = place.get("/healthz");
    let mut found = BTreeSet::new();
    members(&serde_json::from_str(&text).unwrap(), false, &mut found);
    assert!(
        found.len() > 30 && found.contains("lag_seconds"),
        "{found:?}"
    );
    let page = include_str!("../../../docs/reference/sweeper.md");
    let untold: Vec<_> = found
        .iter()
        .filter(|name| !page.contains(&format!("`{name}`")))
        .collect();
    assert!(
        untold.is_empty(),
        "docs/reference/sweeper.md does not tell of {untold:?}"
    );
}
