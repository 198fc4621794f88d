use fixtures::bed::{Bed, job_in, tenant};

use super::site::on_both;

async fn three(bed: &Bed) {
    for (queue, class) in [
        ("mail", "NO_ROUTE"),
        ("mail", "TIMEOUT"),
        ("ocr", "TIMEOUT"),
    ] {
        let id = bed.put(job_in(queue).tenant(tenant("acme"))).await;
        let claimed = bed.claim_from(&[queue], 1).await.remove(0);
        assert_eq!(claimed.id(), id);
        let failure = queue_core::Failure::permanent(
            queue_core::ErrorClass::new(class).unwrap(),
            "the far side said \u{1b}[31mno\nand closed",
        );
        bed.settle(&claimed, queue_core::Outcome::Failed(failure))
            .await;
    }
}

#[test]
fn dead_letters_are_seen() {
    on_both(
        "dead",
        three,
        &[
            "dead list",
            "dead list --error-class TIMEOUT",
            "dead list --queue mail --kind k --tenant acme --since 1h --state open",
            "dead list --until 1h",
            "dead list --since 2020-01-01 --until 2020-02-01T00:00Z",
            "dead list --error-class NO_ROUTE --json",
            "dead show 1",
            "dead show 2 --payload",
        ],
    );
}

#[test]
fn dead_letters_are_settled() {
    on_both(
        "dead-changes",
        three,
        &[
            "dead evidence 1 --reference OPS-17 --note down_until_noon --reason OPS-17",
            "dead show 1 --json",
            "dead resolve 1 --reason OPS-17",
            "dead resolve 1 --reason OPS-17",
            "dead evidence 1 --reference OPS-17 --note late --reason OPS-17",
            "dead discard 4711 --reason OPS-17",
            "dead discard 1 2 --reason OPS-17",
            "dead discard --all-matching --error-class TIMEOUT --reason OPS-17",
            "dead discard 1 2 --reason OPS-17 --yes",
            "dead discard --all-matching --error-class TIMEOUT --state open --reason OPS-17 --yes --json",
            "dead list",
        ],
    );
}

#[test]
fn what_is_no_dead_letter_is_said() {
    on_both(
        "dead-refused",
        async |bed: &Bed| {
            bed.put(job_in("mail")).await;
        },
        &[
            "dead show 1",
            "dead show x",
            "dead list --state closed",
            "dead list --since yesterday-ish",
            "dead list --since 2026-13-01",
            "dead list --error-class not-a-class",
            "dead evidence 1 --note n --reason OPS-17",
            "dead discard 1 --reason OPS-17",
            "dead discard 1",
        ],
    );
}
