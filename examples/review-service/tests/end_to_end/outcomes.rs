//! Every answer that the ingest has.

use serde_json::{Value, json};

use crate::client::{Answer, Call, get, post};
use crate::scene::Scene;

fn a_request_becomes_a_job_once(scene: &Scene) {
    scene.serve();
    let first = scene.post(&Scene::request(4711, 1));
    assert_eq!(
        (first.status, first.json()["outcome"].as_str()),
        (201, Some("created"))
    );
    let again = scene.post(&Scene::request(4711, 1));
    assert_eq!(
        (again.status, again.json()["outcome"].as_str()),
        (200, Some("duplicate"))
    );
    assert_eq!(first.json()["job"], again.json()["job"]);
    assert_eq!(first.header("location"), again.header("location"));
}

fn a_key_that_was_given_for_something_else_is_a_conflict(scene: &Scene) {
    scene.serve();
    let first = scene.post(&Scene::request(4711, 1)).json();
    let refused = |request: &Value, differs: Value| {
        let answer = scene.post(request);
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (409, "idempotency_key_reused")
        );
        let body = answer.json();
        assert_eq!(
            [
                &body["job"],
                &body["changelist_id"],
                &body["review_version"],
                &body["differs"]
            ],
            [&first["job"], &json!(4711), &json!(1), &differs]
        );
        assert!(!answer.body.contains("example.org"), "{answer:?}");
    };
    let mut other = Scene::request(4712, 3);
    other["idempotency_key"] = json!("4711/1");
    refused(&other, json!(["changelist_id", "review_version"]));
    let mut other = Scene::request(4711, 1);
    other["recipients"] = json!(["bob@example.org"]);
    refused(&other, json!(["recipients"]));
    // What only says how it is done, or names nobody new, is the same thing.
    let mut same = Scene::request(4711, 1);
    same["recipients"] = json!(["ada@example.org", "ada@example.org"]);
    same["correlation_id"] = json!("another");
    same["priority"] = json!(3);
    let same = scene.post(&same);
    assert_eq!(
        (same.status, &same.json()["job"]),
        (200, &first["job"]),
        "{same:?}"
    );
    let stored = scene.with_store(async |store| store.stats().await.unwrap());
    assert_eq!(stored.queues[0].ready.counted, 1);
}

fn how_far_a_review_is_is_told_with_and_without_its_number(scene: &Scene) {
    scene.serve();
    let place = scene.ask(4711);
    for place in [place.as_str(), "/v1/reviews/4711/1"] {
        let told = scene.get(place).json();
        assert_eq!(
            (told["state"].as_str(), told["attempts"].as_u64()),
            (Some("queued"), Some(0)),
            "{told}"
        );
        assert!(!told.to_string().contains("ada@example.org"), "{told}");
    }
    let job = place.split_once("job=").unwrap().1;
    for place in [
        "/v1/reviews/4711/2".to_owned(),
        "/v1/reviews/4712/1".to_owned(),
        format!("/v1/reviews/4712/1?job={job}"),
        "/v1/reviews/x/1".to_owned(),
        "/v1/reviews/4711/99999999999999999999".to_owned(),
    ] {
        let answer = scene.get(&place);
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (404, "no_such_review"),
            "{place}"
        );
    }
}

fn what_does_not_keep_the_contract_is_told_all_at_once(scene: &Scene) {
    scene.serve();
    let bad = json!({
        "changelist_id": "17; rm -rf /", "review_version": 0, "idempotency_key": "", "priority": 9,
        "recipients": ["no address"], "surprise": 1,
    });
    let answer = scene.post(&bad);
    assert_eq!(answer.status, 422, "{answer:?}");
    answer.problem();
    let body = answer.json();
    let mut paths: Vec<&str> = body["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["path"].as_str().unwrap())
        .collect();
    paths.sort_unstable();
    paths.dedup();
    let all = [
        "/changelist_id",
        "/idempotency_key",
        "/priority",
        "/recipients/0",
        "/review_version",
        "/surprise",
    ];
    assert_eq!(paths, all, "{body:#}");
    assert!(
        !answer.body.contains("no address"),
        "an address is nobody else's business: {answer:?}"
    );
    let answer = post(&scene.place(), "{", "");
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (400, "invalid_json")
    );
    assert_eq!(
        scene.with_store(async |store| store.stats().await.unwrap().queues.len()),
        0
    );
}

fn a_path_that_is_not_allowed_denies_all(scene: &Scene) {
    scene.serve();
    let mut request = Scene::request(4711, 1);
    request["requested_paths"] = json!(["//depot/shop/src/db.rs", "//depot/shopping/x.rs"]);
    let answer = scene.post(&request);
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (403, "path_outside_allow_list")
    );
    request["requested_paths"] = json!(["//depot/shop/../payroll/x.rs"]);
    assert_eq!(scene.post(&request).status, 403);
    scene.wait_for_log("\"security\":true");
    scene.wait_for_log("path_outside_allow_list");
    let numbers = scene.get("/metrics").body;
    let counted = r#"review_security_events_total{at="ingest",code="path_outside_allow_list"} 1"#;
    assert!(numbers.contains(counted), "{numbers}");
    request["requested_paths"] = json!(["//depot/shop/src/db.rs"]);
    assert_eq!(scene.post(&request).status, 201);
}

fn what_is_too_long_or_no_json_is_not_read(scene: &Scene) {
    scene.configure(&["//depot/shop/..."], "max_body = 1024");
    scene.serve();
    let long = format!("{{\"idempotency_key\": \"{}\"}}", "x".repeat(2000));
    let told = post(&scene.place(), &long, "");
    assert_eq!(
        (told.status, told.problem().as_str()),
        (413, "body_too_long")
    );
    // Whose length nobody said.
    let head =
        "POST /v1/reviews HTTP/1.1\nContent-Type: application/json\nTransfer-Encoding: chunked";
    let chunk = format!("{:x}\r\n{long}\r\n0\r\n\r\n", long.len());
    let untold = Call::begin(&scene.place(), head, chunk.as_bytes()).answer();
    assert_eq!(
        (untold.status, untold.problem().as_str()),
        (413, "body_too_long")
    );
    let head = "POST /v1/reviews HTTP/1.1\nContent-Type: text/plain\nContent-Length: 2";
    let text = Call::begin(&scene.place(), head, b"{}").answer();
    assert_eq!((text.status, text.problem().as_str()), (415, "not_json"));
    let nothing = get(&scene.place(), "/v2/reviews");
    assert_eq!(
        (nothing.status, nothing.problem().as_str()),
        (404, "no_such_page")
    );
    let method = get(&scene.place(), "/v1/reviews");
    assert_eq!(
        (method.status, method.problem().as_str()),
        (405, "method_not_allowed")
    );
}

fn too_many_at_a_time_are_told_to_come_again(scene: &Scene) {
    scene.configure(
        &["//depot/shop/..."],
        "max_in_flight = 1\nretry_after = \"1500ms\"\nbody_timeout = \"5m\"",
    );
    scene.serve();
    let body = Scene::request(4711, 1).to_string();
    let head = format!(
        "POST /v1/reviews HTTP/1.1\nContent-Type: application/json\nContent-Length: {}",
        body.len()
    );
    // The first one keeps its place for as long as its body does not come.
    let mut first = Call::begin(&scene.place(), &head, &body.as_bytes()[..10]);
    scene.wait_for_number("review_requests_in_flight 1");
    let refused = scene.post(&Scene::request(4712, 1));
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (429, "too_many_requests")
    );
    assert_eq!(
        refused.header("retry-after"),
        Some("2"),
        "whole seconds, rounded up"
    );
    // Nobody is kept from looking.
    assert_eq!(scene.get("/healthz").status, 200);
    first.more(&body.as_bytes()[10..]);
    assert_eq!(first.answer().status, 201);
    assert_eq!(scene.post(&Scene::request(4713, 1)).status, 201);
}

fn ids_of_requests_are_kept_and_made(scene: &Scene) {
    scene.serve();
    let post = |body: &Value, headers: &str| post(&scene.place(), &body.to_string(), headers);
    let id = |answer: &Answer| answer.header("x-request-id").unwrap().to_owned();
    let given = post(&Scene::request(1, 1), "\nX-Request-Id: ci-4711");
    assert_eq!(
        (id(&given).as_str(), given.json()["correlation_id"].as_str()),
        ("ci-4711", Some("ci-4711"))
    );
    let place = given.header("location").unwrap().to_owned();
    assert_eq!(
        scene.get(&place).json()["correlation_id"],
        "ci-4711",
        "it travels with the job"
    );
    scene.wait_for_log("ci-4711");
    let made = post(&Scene::request(2, 1), "\nX-Request-Id: two words");
    assert_eq!(
        (id(&made).len(), made.json()["correlation_id"].as_str()),
        (32, Some(id(&made).as_str()))
    );
    let mut own = Scene::request(3, 1);
    own["correlation_id"] = json!("deploy-7");
    let own = post(&own, "\nX-Request-Id: ci-4712");
    assert_eq!(
        (id(&own).as_str(), own.json()["correlation_id"].as_str()),
        ("ci-4712", Some("deploy-7"))
    );
    let refused = post(&json!({}), "\nX-Request-Id: ci-4713");
    assert_eq!((refused.status, id(&refused).as_str()), (422, "ci-4713"));
    assert_eq!(
        refused.json()["diagnostics"][0]["correlation_id"],
        "ci-4713"
    );
}

fn a_head_that_is_none_is_told_so(scene: &Scene) {
    scene.serve();
    let told = |head: &str| Call::begin(&scene.place(), head, b"").answer();
    let control = told("GET /healthz HTTP/1.1\nX-Request-Id: ci\u{7}4711");
    assert_eq!(
        (control.status, control.problem().as_str()),
        (400, "head_unreadable")
    );
    assert_eq!(control.header("x-request-id").unwrap().len(), 32);
    assert_eq!(told("GARBAGE").problem(), "head_unreadable");
    let long = format!("GET /healthz HTTP/1.1\nX-Long: {}", "x".repeat(20_000));
    let long = told(&long);
    assert_eq!(
        (long.status, long.problem().as_str()),
        (431, "head_too_long")
    );
    assert_eq!(scene.get("/healthz").status, 200);
}

fn a_body_that_does_not_come_is_not_waited_for(scene: &Scene) {
    scene.configure(&["//depot/shop/..."], "body_timeout = \"100ms\"");
    scene.serve();
    let head = "POST /v1/reviews HTTP/1.1\nContent-Type: application/json\nContent-Length: 100";
    let slow = Call::begin(&scene.place(), head, b"{").answer();
    assert_eq!(
        (slow.status, slow.problem().as_str()),
        (408, "body_too_slow")
    );
}

crate::on_both!(
    a_request_becomes_a_job_once,
    a_key_that_was_given_for_something_else_is_a_conflict,
    how_far_a_review_is_is_told_with_and_without_its_number,
    what_does_not_keep_the_contract_is_told_all_at_once,
    a_path_that_is_not_allowed_denies_all,
    what_is_too_long_or_no_json_is_not_read,
    too_many_at_a_time_are_told_to_come_again,
    ids_of_requests_are_kept_and_made,
    a_head_that_is_none_is_told_so,
    a_body_that_does_not_come_is_not_waited_for,
);

/// A file that another process keeps for itself.
#[test]
fn a_database_that_is_locked_is_not_healthy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    let url = format!("sqlite:{}?busy_timeout=100ms", path.display());
    let scene = Scene::at_url(url);
    scene.serve();
    assert_eq!(scene.get("/healthz").status, 200);
    let other = queue_sqlite::rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let locked = scene.get("/healthz");
    assert_eq!(
        (locked.status, locked.json()["database"].as_str()),
        (503, Some("busy")),
        "{locked:?}"
    );
    assert_eq!(scene.post(&Scene::request(1, 1)).status, 503);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(scene.get("/healthz").status, 200);
}

/// Whoever cannot work must not have made the database first, or brought it to another version.
#[test]
fn a_worker_without_the_models_key_changes_nothing() {
    let scene = Scene::sqlite();
    let mut work = scene.command(&["work", "--migrate"]);
    let output = work.env_remove("TEST_MODEL_KEY").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(78), "{said}");
    assert!(said.contains("TEST_MODEL_KEY"), "{said}");
    assert!(!scene.dir.path().join("jobs.db").exists(), "{said}");
}

/// A server that went away and comes back.
#[test]
fn a_database_that_does_not_answer_is_no_answer_to_the_caller() {
    let cluster = fixtures::postgres::PostgresCluster::start();
    let scene = Scene::at_url(cluster.create_database());
    scene.serve();
    assert_eq!(scene.post(&Scene::request(1, 1)).status, 201);
    cluster.stop_fast();
    let away = scene.post(&Scene::request(2, 1));
    assert_eq!(away.status, 503, "{away:?}");
    away.problem();
    assert_eq!(away.header("retry-after"), Some("1"));
    assert!(
        !away.body.contains("postgres"),
        "whose database it is, is nobody's business: {away:?}"
    );
    assert_eq!(scene.get("/v1/reviews/1/1").status, 503);
    assert_eq!(scene.get("/healthz").status, 503);
    cluster.restart();
    let back = scene.post(&Scene::request(2, 1));
    assert_eq!(back.status, 201, "{back:?}");
}
