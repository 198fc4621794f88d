//! The allow-list: on record when it changes, and exchanged without a stop.

use serde_json::{Value, json};

use crate::scene::Scene;

fn asks_for(scene: &Scene, changelist: u64, path: &str) -> u16 {
    let mut request = Scene::request(changelist, 1);
    request["requested_paths"] = json!([path]);
    scene.post(&request).status
}

fn what_changed_is_on_record_and_in_force(scene: &Scene) {
    scene.serve();
    assert_eq!(asks_for(scene, 1, "//depot/mail/x.rs"), 403);
    scene.configure(&["//depot/mail/...", "//depot/shop/src/..."], "");
    scene.reload("read the allow-list again");
    assert_eq!(asks_for(scene, 2, "//depot/mail/x.rs"), 201);
    assert_eq!(asks_for(scene, 3, "//depot/shop/x.rs"), 403);
    // One that is wrong changes nothing.
    scene.configure(&["//depot/../..."], "");
    scene.reload("the new one is not in force");
    assert_eq!(asks_for(scene, 4, "//depot/mail/x.rs"), 201);
    // The same again is no change, and the worker finds what is on record already.
    scene.configure(&["//depot/shop/src/...", "//depot/mail/..."], "");
    scene.reload("read the allow-list again");
    scene.work();
    let recorded = scene.audited(review_service::allowed::LOADED);
    let details: Vec<Value> = recorded
        .iter()
        .map(|it| it.detail.parse().unwrap())
        .collect();
    assert_eq!(details.len(), 2, "{details:#?}");
    assert_eq!(
        (&details[0]["added"], &details[0]["removed"]),
        (&json!(["//depot/shop/..."]), &json!([]))
    );
    let added = json!(["//depot/mail/...", "//depot/shop/src/..."]);
    assert_eq!(
        (&details[1]["added"], &details[1]["removed"]),
        (&added, &json!(["//depot/shop/..."]))
    );
    let user = queue_ops::actor(None).unwrap();
    assert_eq!(
        recorded[1].act.actor.as_str(),
        format!("review-service, as {user}")
    );
    // A line for each time that a list came into force: at the start, and twice by a signal.
    let told = |what: &str| scene.log().matches(what).count();
    assert_eq!(
        (
            told("loaded another allow-list"),
            told("read the allow-list again")
        ),
        (1, 2)
    );
    assert!(recorded[1].act.reason.contains("SIGHUP"));
}

crate::on_both!(what_changed_is_on_record_and_in_force);
