use queue_core::Outcome;

use fixtures::bed::{Bed, job_in};

use super::site::on_both;

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
            "retention set audit 400days --reason OPS-18",
            "retention apply",
            "retention apply --page 1 --json",
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
            "retention apply --page 0",
            "retention list",
        ],
    );
}
