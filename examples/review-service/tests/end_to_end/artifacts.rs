//! What is kept of reviews, and who reads it.

use std::fs;
use std::time::{Duration, Instant, SystemTime};

use crate::client;
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
    for no_reason in ["", " ", "two\nlines"] {
        assert_eq!(show("raw/diff", no_reason), (Some(64), String::new()));
    }
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

fn what_was_kept_for_long_enough_goes_by_the_clock(scene: &Scene) {
    let more = "[artifacts]\nremove_every = \"1s\"\n[worker]\nlisten = \"127.0.0.1:0\"";
    scene.configure(&["//depot/shop/..."], more);
    let old = |artifact: &str, days: u64| {
        let path = scene.dir.path().join("artifacts").join(artifact);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = fs::File::create(&path).unwrap();
        let age = Duration::from_secs(days * 24 * 3600);
        file.set_modified(SystemTime::now() - age).unwrap();
        path
    };
    let (week, month) = (old("raw/17/diff", 8), old("redacted/17/diff", 31));
    let fresh = [old("raw/18/diff", 6), old("redacted/18/diff", 29)];
    scene.serve().work();
    let until = Instant::now() + Duration::from_secs(120);
    let place = scene.worker_place();
    let numbers = || client::get(&place, "/metrics").body;
    // Known only once it went through.
    let last = "review_artifacts_last_removal_timestamp_seconds 1";
    while !numbers().lines().any(|line| line.starts_with(last)) {
        assert!(
            Instant::now() < until,
            "nothing was removed:\n{}",
            scene.log()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(!week.exists() && !month.exists());
    assert!(fresh.iter().all(|path| path.exists()));
    assert_eq!(client::get(&place, "/healthz").status, 200);
}

crate::on_both!(
    who_reads_a_raw_one_is_on_record,
    what_was_kept_for_long_enough_goes_by_the_clock,
);
