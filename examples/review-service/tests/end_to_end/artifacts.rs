//! What is kept of reviews, and who reads it.

use crate::depot;
use crate::scene::Scene;

const FILE: &str = "//depot/shop/src/db.rs";

fn who_reads_a_raw_one_is_on_record(scene: &Scene) {
    depot::change(
        scene.dir.path(),
        4711,
        &[FILE],
        "+password = \"hunter2-and-more\"",
    );
    scene.serve().work();
    let told = scene.wait(&scene.ask(4711), "succeeded");
    let job = told["job"].to_string();
    let show = |artifact: &str, reason: &str| {
        let arguments = [
            "artifact", "show", &job, artifact, "--reason", reason, "--actor", "ada",
        ];
        let output = scene.command(&arguments).output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, raw) = show("raw/diff", "OPS-17");
    assert!(code == Some(0) && raw.contains("hunter2-and-more"), "{raw}");
    let (code, redacted) = show("redacted/diff", "OPS-17");
    assert!(
        code == Some(0) && redacted.contains("[REDACTED:") && !redacted.contains("hunter2"),
        "{redacted}"
    );
    assert!(show("raw/prompt", "OPS-18").1.contains("[REDACTED:"));
    assert_eq!(show("raw/../../review.toml", "OPS-17").0, Some(64));
    let recorded = scene.audited(review_service::artifacts::READ);
    let told: Vec<_> = recorded
        .iter()
        .map(|it| {
            (
                it.target.clone(),
                it.act.reason.as_str(),
                it.act.actor.as_str(),
            )
        })
        .collect();
    let of = |artifact: &str| format!("artifact:{job}/{artifact}");
    assert_eq!(
        told,
        [
            (of("raw/diff"), "OPS-17", "ada"),
            (of("raw/prompt"), "OPS-18", "ada")
        ]
    );
    assert!(recorded.iter().all(|it| !it.detail.contains("hunter2")));
}

crate::on_both!(who_reads_a_raw_one_is_on_record);
