use fixtures::bed::job;

use super::Site;

/// Without consent nothing is changed, however many there are; with it each is changed once.
#[test]
fn many_changes_want_consent() {
    for site in Site::both() {
        site.seed(async |bed| {
            for _ in 0..3 {
                bed.dead(job(), "BROKEN").await;
            }
        });
        let states = || {
            let list = site.run("dead list").data();
            let states = list
                .lines()
                .map(|line| line.split('\t').nth(1).unwrap().to_owned());
            states.collect::<Vec<_>>()
        };
        for line in [
            "dead discard 1 2 --reason OPS-17",
            "dead discard --all --reason OPS-17",
            "dead discard --all-matching --queue nowhere --reason OPS-17",
        ] {
            let ran = site.run(line);
            assert_eq!(ran.code, 0);
            assert!(
                ran.stderr.starts_with("nothing was changed; with --yes"),
                "{ran:?}"
            );
            assert_eq!(states(), ["open"; 3]);
        }
        site.run("dead discard 2 2 --reason OPS-17").data();
        assert_eq!(states(), ["open", "discarded", "open"]);
        let ran = site.run("dead discard --all --reason OPS-17 --yes");
        assert_eq!(ran.code, 5, "{ran:?}");
        assert_eq!(states(), ["discarded"; 3]);
        site.seed(async |bed| assert_eq!(bed.audit().await.len(), 3));
    }
}

/// Who forgets the filter does not mean everything.
#[test]
fn everything_is_asked_for_by_its_name() {
    let site = Site::empty_sqlite().migrated();
    site.seed(async |bed| {
        bed.dead(job(), "BROKEN").await;
        bed.put(job()).await;
    });
    for line in [
        "dead discard",
        "dead resolve",
        "dead evidence --reference OPS-17 --note n",
        "job cancel",
        "job retry",
        "notification retry",
        "notification waive",
        "notification verdict --delivered --reference OPS-17 --note n",
    ] {
        let ran = site.run(&format!("{line} --all-matching --reason OPS-17 --yes"));
        assert!(ran.error(64).contains("give --all"), "{line}: {ran:?}");
        for more in ["--all-matching", "1"] {
            let ran = site.run(&format!("{line} --all {more} --reason OPS-17 --yes"));
            assert!(
                ran.error(64).contains("cannot be used with"),
                "{line}: {ran:?}"
            );
        }
    }
    let ran = site.run("job cancel --all --queue q --reason OPS-17 --yes");
    assert!(ran.error(64).contains("--all-matching instead"), "{ran:?}");
    assert_eq!(
        site.run("job list --state queued").data().lines().count(),
        1
    );
    site.run("job cancel --all --reason OPS-17 --yes").data();
    assert_eq!(site.run("job list").data(), "");
}
