//! Versions of reviews, once one has succeeded.

use serde_json::json;

use crate::scene::Scene;

fn versions_follow_the_rules_on_revisions(scene: &Scene) {
    scene.serve().work();
    let place = scene
        .post(&Scene::request(4711, 2))
        .header("location")
        .unwrap()
        .to_owned();
    let job = scene.wait(&place, "succeeded")["job"].clone();
    let ask = |version: u64, rerun: bool, key: &str| {
        let mut request = Scene::request(4711, version);
        request["idempotency_key"] = json!(key);
        request["rerun"] = json!(rerun);
        scene.post(&request)
    };
    let same = ask(2, false, "another");
    assert_eq!(
        (same.status, same.json()["outcome"].as_str()),
        (200, Some("already_succeeded"))
    );
    assert_eq!(same.json()["job"], job);
    let stale = ask(1, false, "older");
    assert_eq!(
        (stale.status, stale.problem().as_str()),
        (409, "stale_revision")
    );
    assert_eq!(
        (&stale.json()["latest_review_version"], &stale.json()["job"]),
        (&json!(2), &job)
    );
    // Nobody gets back behind what people were told.
    assert_eq!(ask(1, true, "older, really").problem(), "stale_revision");
    let newer = ask(3, false, "newer");
    assert_eq!(
        (newer.status, newer.problem().as_str()),
        (409, "rerun_required")
    );
    assert_eq!(newer.json()["type"], "urn:leasehold:code:rerun_required");
    let rerun = ask(3, true, "newer, really");
    assert_eq!(rerun.status, 201, "{rerun:?}");
    scene.wait(rerun.header("location").unwrap(), "succeeded");
    // Another version is another mail.
    assert_eq!(scene.sink.wait_for_messages(2).len(), 2);
}

crate::on_both!(versions_follow_the_rules_on_revisions);
