use super::Site;
use super::replay::without_digests;
use super::site::same;

#[test]
fn the_schema_goes_up_and_down() {
    for site in Site::both_empty() {
        // Made before, so that both begin alike.
        let path = site.desk.0.path().join("jobs.db");
        std::fs::write(path, "").unwrap();
        let lines = [
            "migrate status",
            "stats",
            "migrate up --dry-run",
            "migrate up --to 3",
            "stats",
            "migrate up --to 2",
            "migrate up",
            "migrate up",
            "migrate status",
            "migrate status --json",
            "migrate down --to 4",
            "migrate down",
            "migrate down --to 99",
            "migrate up --to 99",
            "migrate down --to 3 --yes",
            "migrate status",
            "migrate down --to 0 --yes --json",
            "migrate status",
            "migrate up --dry-run --to 2 --json",
            "migrate up --json",
            "migrate up --json",
        ];
        same("migrate", &site.transcript(&lines));
    }
}

#[test]
fn a_file_that_is_not_there_is_made_by_migrating_alone() {
    let site = Site::empty_sqlite();
    let path = site.desk.0.path().join("jobs.db");
    for line in ["stats", "migrate status", "migrate down --to 0 --yes"] {
        let ran = site.run(line);
        assert!(
            ran.error(78).contains("`leasehold migrate up` make it"),
            "{ran:?}"
        );
    }
    assert!(
        site.run("migrate up --dry-run")
            .stderr
            .contains("it would be made")
    );
    assert!(!path.exists());
    assert_eq!(site.run("migrate up").code, 0);
    site.run("stats").data();
}

/// Who did it, why, and from where to where; nothing where nothing was done. Also in schemas of before, in which a
/// trail knows no archive yet.
#[test]
fn who_migrates_is_on_record() {
    for site in Site::both_empty() {
        let lines = [
            "migrate up --to 3 --reason release-6",
            "migrate up --to 3 --reason release-6",
            "migrate up --to 3 --dry-run",
            "migrate up --actor deploy",
            "migrate up",
            "migrate down --to 7",
            "migrate down --to 7 --yes --reason back-to-release-6",
            "migrate up --reason release-7",
        ];
        for line in lines {
            assert_eq!(site.run(line).code, 0, "{line}");
        }
        let said = site.transcript(&["audit list", "audit verify", "audit list --json"]);
        same("migrate-record", &without_digests(&said));
        // With the schema goes the trail.
        assert_eq!(
            site.run("migrate down --to 0 --yes --reason the-end").code,
            0
        );
        assert_eq!(site.run("migrate up --to 1").code, 0);
        assert_eq!(site.run("migrate up").code, 0);
        let trail = site.run("audit list --action leasehold.migrate").data();
        assert_eq!(trail.lines().count(), 2, "{trail}");
    }
}
