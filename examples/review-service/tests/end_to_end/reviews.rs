//! From a request to a mail.

use serde_json::json;

use crate::depot;
use crate::model::{Says, finding, review};
use crate::scene::{KEY, Scene};

const FILE: &str = "//depot/shop/src/db.rs";

fn a_change_is_reviewed_and_everybody_told_once(scene: &Scene) {
    depot::change(
        scene.dir.path(),
        4711,
        &[FILE],
        "+password = \"hunter2-and-more\"\n+let id = 1;",
    );
    scene.model.says(
        4711,
        [
            Says::Status(503, 0),
            Says::Text(review(&[
                finding(FILE, "SQL <b>from</b> outside"),
                finding("//depot/shop/made_up.rs", "Nowhere"),
            ])),
        ],
    );
    scene.serve().work();
    let mut request = Scene::request(4711, 1);
    request["recipients"] = json!(["bob@example.org", "ada@example.org", "bob@example.org"]);
    let place = scene.post(&request).header("location").unwrap().to_owned();
    let told = scene.wait(&place, "succeeded");
    assert_eq!(told["result"]["findings"], 1, "{told}");
    assert_eq!(
        (&told["result"]["dropped"], &told["result"]["recipients"]),
        (&json!(1), &json!(2)),
        "{told}"
    );
    // It succeeds when all are told, so they are.
    let mails = scene.sink.messages();
    let mut to: Vec<_> = mails.iter().flat_map(|mail| mail.to.clone()).collect();
    to.sort();
    assert_eq!(to, ["ada@example.org", "bob@example.org"]);
    let mail = String::from_utf8(mails[0].content.clone()).unwrap();
    assert!(
        mail.contains("Subject: Review of change 4711: 1 finding\n"),
        "{mail}"
    );
    assert!(
        mail.contains("SQL &lt;b&gt;from&lt;&#x2f;b&gt; outside") && !mail.contains("Nowhere"),
        "{mail}"
    );
    // What the model was shown twice had no secret in it, and nobody has seen the key.
    let asked = scene.model.asked(4711);
    assert_eq!(asked.len(), 2);
    assert!(
        asked
            .iter()
            .all(|prompt| prompt.contains("let id = 1;") && !prompt.contains("hunter2")),
        "{asked:?}"
    );
    let log = scene.log();
    assert!(
        !log.contains(KEY) && !log.contains("hunter2") && !log.contains("example.org"),
        "{log}"
    );
    assert!(!scene.has_stored("hunter2-and"));
}

fn a_review_of_which_nobody_could_be_told_has_not_succeeded(scene: &Scene) {
    // Nobody listens there.
    scene.relay(1);
    scene.serve().work();
    let place = scene.ask(4711);
    let told = scene.wait(&place, "awaiting_delivery");
    assert_eq!(told["result"]["recipients"], 1, "{told}");
    // And nothing of it is done again meanwhile, whoever asks.
    assert_eq!(scene.post(&Scene::request(4711, 1)).status, 200);
    assert_eq!(scene.model.asked(4711).len(), 1);
    assert_eq!(scene.get(&place).json()["state"], "awaiting_delivery");
}

fn an_answer_of_which_nothing_is_left_is_told_as_such(scene: &Scene) {
    scene.model.says(
        4711,
        [Says::Text(review(&[
            finding("//depot/shop/a.rs", "A"),
            finding("//depot/shop/b.rs", "B"),
        ]))],
    );
    scene.serve().work();
    let told = scene.wait(&scene.ask(4711), "succeeded");
    assert_eq!(
        (&told["result"]["findings"], &told["result"]["dropped"]),
        (&json!(0), &json!(2)),
        "{told}"
    );
    let mail = String::from_utf8(scene.sink.wait_for_messages(1)[0].content.clone()).unwrap();
    assert!(
        mail.contains("nothing found") && mail.contains("2 more could not be used"),
        "{mail}"
    );
}

fn one_file_that_is_not_allowed_denies_the_whole_change(scene: &Scene) {
    depot::change(
        scene.dir.path(),
        4711,
        &[FILE, "//depot/payroll/salaries.rs"],
        "+x",
    );
    scene.serve().work();
    let told = scene.wait(&scene.ask(4711), "dead");
    assert_eq!(
        (told["error_class"].as_str(), told["stage"].as_str()),
        (Some("PATH_DENIED"), Some("fetch"))
    );
    assert_eq!(scene.model.asked(4711).len(), 0, "nothing of it was shown");
    assert_eq!(scene.sink.messages().len(), 0);
    let recorded = scene.audited(review_service::security::DENIED);
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0].target, "changelist:4711");
    assert!(
        recorded[0].detail.contains("//depot/payroll/salaries.rs"),
        "{:?}",
        recorded[0]
    );
    assert!(
        !scene.dir.path().join("artifacts/raw/1").exists(),
        "nothing of it was kept"
    );
}

fn a_change_that_is_not_there_dies_at_once(scene: &Scene) {
    depot::unknown(scene.dir.path(), 4711);
    scene.serve().work();
    let told = scene.wait(&scene.ask(4711), "dead");
    assert_eq!(
        (told["stage"].as_str(), told["attempts"].as_u64()),
        (Some("fetch"), Some(1)),
        "{told}"
    );
}

crate::on_both!(
    a_change_is_reviewed_and_everybody_told_once,
    a_review_of_which_nobody_could_be_told_has_not_succeeded,
    an_answer_of_which_nothing_is_left_is_told_as_such,
    one_file_that_is_not_allowed_denies_the_whole_change,
    a_change_that_is_not_there_dies_at_once,
);
