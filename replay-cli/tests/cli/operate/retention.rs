use fixtures::bed::{Bed, job_in};
use queue_core::Outcome;

use super::Site;
use super::site::{on_both, same};

/// A job that is finished, and one that waits.
async fn seed(bed: &Bed) {
    bed.put(job_in("mail")).await;
    let claimed = bed.claim_from(&["mail"], 1).await.remove(0);
    bed.settle(&claimed, Outcome::Done(Default::default()))
        .await;
    bed.put(job_in("mail")).await;
}

#[test]
fn rules_are_set_listed_and_cleared() {
    on_both(
        "retention",
        seed,
        &[
            "retention list",
            "retention set history 7d --queue mail --reason OPS-17",
            "retention set history 7d --queue mail --reason OPS-17",
            "retention set history forever --reason OPS-17 --json",
            "retention set keys 2d --reason OPS-17",
            "retention list",
            "retention list --queue mail --json",
            "retention show subjects",
            "retention clear history --queue mail --reason OPS-18",
            "retention clear history --queue mail --reason OPS-18",
            "retention clear keys --reason OPS-18 --json",
            "retention set audit 400days --reason OPS-18",
            "retention apply --reason OPS-19",
            "retention apply --page 1 --reason OPS-19 --json",
            "audit list --oldest-first",
        ],
    );
}

#[test]
fn what_is_no_rule_is_refused() {
    on_both(
        "retention-refused",
        async |_: &Bed| {},
        &[
            "retention set histroy 7d --reason OPS-17",
            "retention set open-letters 7d --reason OPS-17",
            "retention set incidents 7d --reason OPS-17",
            "retention set in-doubt 7d --reason OPS-17",
            "retention set history 1s --reason OPS-17",
            "retention set history 101years --reason OPS-17",
            "retention set history soon --reason OPS-17",
            "retention set subjects 7d --queue mail --reason OPS-17",
            "retention set history 7d",
            "retention set history 7d --queue mial --reason OPS-17",
            "retention set history 7d --queue mail --new --reason OPS-17",
            "retention set history 7d --queue mial --reason OPS-17",
            "retention set history 8d --queue mail --reason OPS-17",
            "retention clear letters --reason OPS-17",
            "retention apply --page 0 --reason OPS-17",
            "retention apply",
            "retention list",
        ],
    );
}

/// What went is on record, sort by sort; where nothing went there is none.
#[test]
fn what_was_removed_is_on_record() {
    for site in Site::both() {
        for who in ["ada", "bob"] {
            let line = format!("suppression add email {who}@example.org --class ASKED --for 1day");
            site.run(&format!("{line} --reason OPS-17")).data();
        }
        let long_ago = site.moment(1_000_000_000_000_000);
        site.sql(&format!(
            "UPDATE leasehold.suppression SET expires_at = {long_ago}"
        ));
        let lines = [
            "retention set suppressions 1m --reason OPS-17",
            "retention apply --page 1 --reason OPS-18 --actor bob",
            "retention apply --reason OPS-19",
            "audit list --action leasehold.retention.apply",
            "audit verify --json",
        ];
        let text = site.transcript(&lines);
        // The hash of the last record, which has a time in it.
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let hash = words.find(|word| word.len() == 64).unwrap();
        same("retention-record", &text.replace(hash, "[hash]"));
    }
}
