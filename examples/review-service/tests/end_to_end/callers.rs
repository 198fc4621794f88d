//! What callers send and get: the examples of the page, made by the service.

use fixtures::examples::compare;
use serde_json::{Value, json};

use crate::client;
use crate::depot;
use crate::model::{Says, finding, review};
use crate::scene::Scene;

const PAGE: &str = "docs/reference/contracts-for-callers.md";
const FILE: &str = "//depot/shop/src/db.rs";

fn shown(name: &str, mut body: Value) {
    for time in ["created_at", "finished_at"] {
        if body[time].is_string() {
            body[time] = json!("2026-11-20T10:00:00.000000Z");
        }
    }
    compare(PAGE, name, &format!("{body:#}"));
}

#[test]
fn the_page_shows_what_callers_get() {
    let scene = Scene::sqlite();
    depot::change(scene.dir.path(), 4711, &[FILE], "+let id = 1;");
    scene.model.says(
        4711,
        [Says::Text(review(&[finding(FILE, "SQL from outside")]))],
    );
    scene.serve().work();
    let request = json!({
        "changelist_id": 4711,
        "review_version": 2,
        "idempotency_key": "ci 4711",
        "recipients": ["ada@example.org"],
        "requested_paths": [FILE],
        "correlation_id": "build-99",
    });
    shown("request", request.clone());
    let created = scene.post(&request);
    assert_eq!(created.status, 201, "{created:?}");
    shown("created", created.json());
    let again = scene.post(&request);
    assert_eq!(again.status, 200, "{again:?}");
    shown("duplicate", again.json());
    let place = created.header("location").unwrap().to_owned();
    assert_eq!(place, "/v1/reviews/4711/2?job=1");
    shown("review-result", scene.wait(&place, "succeeded"));

    let bad = json!({
        "changelist_id": 0,
        "review_version": 1,
        "recipients": [],
        "requested_paths": [FILE],
    });
    // Else the service makes one up.
    let id = "\nX-Request-Id: build-100";
    let rejected = client::post(&scene.place(), &bad.to_string(), id);
    assert_eq!(rejected.problem(), rejected.json()["code"]);
    assert_eq!(rejected.status, 422, "{rejected:?}");
    shown("rejected", rejected.json());

    let mut older = request;
    older["review_version"] = json!(1);
    older["idempotency_key"] = json!("ci 4711, once more");
    let conflict = scene.post(&older);
    assert_eq!(conflict.status, 409, "{conflict:?}");
    shown("conflict", conflict.json());
}
