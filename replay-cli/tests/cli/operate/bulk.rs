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
            "dead discard --all-matching --reason OPS-17",
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
        let ran = site.run("dead discard --all-matching --reason OPS-17 --yes");
        assert_eq!(ran.code, 5, "{ran:?}");
        assert_eq!(states(), ["discarded"; 3]);
        site.seed(async |bed| assert_eq!(bed.audit().await.len(), 3));
    }
}
