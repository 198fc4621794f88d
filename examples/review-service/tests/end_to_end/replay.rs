//! An answer that is rejected: a dead letter, evidence, and a replay that goes on where it stopped.

use queue_core::{Act, Actor, Evidence, JobId, LetterState, ReplayBatch, Replayed};

use crate::depot;
use crate::model::{Says, finding, review};
use crate::scene::Scene;

const FILE: &str = "//depot/shop/src/db.rs";

fn a_rejected_answer_is_replayed_from_the_model_on(scene: &Scene) {
    depot::change(
        scene.dir.path(),
        4711,
        &[FILE],
        "+let first = 1;\n+password = \"hunter2-and-more\"",
    );
    scene.model.says(
        4711,
        [
            Says::Text("Looks good to me!".to_owned()),
            Says::Text(review(&[finding(FILE, "A")])),
        ],
    );
    scene.serve().work();
    let place = scene.ask(4711);
    let told = scene.wait(&place, "dead");
    assert_eq!(
        (told["stage"].as_str(), told["error_class"].as_str()),
        (Some("llm"), Some("SCHEMA_INVALID")),
        "{told}"
    );
    let job = JobId::new(told["job"].as_i64().unwrap());
    // What it said is there for whoever looks into it; and not in the letter.
    let kept = std::fs::read(scene.dir.path().join(format!("artifacts/raw/{job}/answer"))).unwrap();
    assert_eq!(kept, b"Looks good to me!");
    // What was fetched is in the database, and its secrets are not.
    assert!(scene.has_stored("let first = 1;") && !scene.has_stored("hunter2-and"));
    // The depot has forgotten the change: what was fetched is stored.
    depot::unknown(scene.dir.path(), 4711);
    let act = Act::new(
        Actor::new("ada").unwrap(),
        "the model writes JSON again, OPS-17",
    );
    let (refused, replayed) = scene.with_store(async |store| {
        let letter = store.dead_letter(job).await.unwrap().unwrap();
        assert!(!format!("{letter:?}").contains("Looks good"), "{letter:?}");
        assert_eq!(
            letter.job.failure.as_ref().unwrap().class.as_str(),
            "SCHEMA_INVALID"
        );
        let batch = |version| ReplayBatch::new(vec![(job, version)]).unwrap();
        let refused = store.replay(batch(letter.version), &act).await.unwrap();
        let evidence = Evidence::new("OPS-17", "the model's server was upgraded").unwrap();
        store.attach_evidence(job, evidence, &act).await.unwrap();
        let letter = store.dead_letter(job).await.unwrap().unwrap();
        (
            refused,
            store.replay(batch(letter.version), &act).await.unwrap(),
        )
    });
    assert_ne!(refused, [Replayed::Requeued], "without evidence");
    assert_eq!(replayed, [Replayed::Requeued]);
    let told = scene.wait(&place, "succeeded");
    assert_eq!(told["result"]["findings"], 1, "{told}");
    let asked = scene.model.asked(4711);
    assert_eq!(asked.len(), 2);
    assert_eq!(
        asked[0], asked[1],
        "it was shown what was fetched the first time"
    );
    assert_eq!(scene.sink.wait_for_messages(1).len(), 1);
    let letter = scene.with_store(async |store| store.dead_letter(job).await.unwrap().unwrap());
    assert_eq!(letter.state, LetterState::Resolved);
}

crate::on_both!(a_rejected_answer_is_replayed_from_the_model_on);
