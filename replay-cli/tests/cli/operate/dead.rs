use fixtures::bed::{Bed, job_in, tenant};

use super::Site;
use super::site::{on_both, same};

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
            "dead list --stage run --text SAID",
            "dead list --reason-code missing_field",
            "dead list --job 3 --job job:1",
            "dead list --limit 1",
            "dead groups",
            "dead groups --by queue --error-class TIMEOUT --json",
            "dead groups --by state --queue nowhere",
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
            "dead evidence 2 --reference OPS-17 --note down_until_noon --reason OPS-17 --json",
            "dead resolve 1 --reason OPS-17 --json",
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
            "dead list --since 1h --until 2h",
            "dead list --error-class not-a-class",
            "dead list --after 17",
            "dead list --job x",
            "dead groups --by tenant",
            "dead amend 1 --payload payload.json --reason OPS-17",
            "dead evidence 1 --note n --reason OPS-17",
            "dead discard 1 --reason OPS-17",
            "dead discard 1",
        ],
    );
}

/// A payload by hand: checked, and the first one kept.
#[test]
fn a_payload_is_amended() {
    for site in Site::both() {
        site.seed(three);
        site.desk.file("broken.json", "{");
        site.desk.file("payload.json", r#"{"order": 43}"#);
        site.desk.file("none.json", r#"{"order": "none"}"#);
        site.desk.file("order.json", ORDER);
        same(
            "dead-amend",
            &site.transcript(&[
                "dead amend 1 --payload nowhere.json --reason OPS-17",
                "dead amend 1 --payload broken.json --reason OPS-17",
                "dead amend 1 --payload none.json --contract order.json --reason OPS-17",
                "dead amend 1 --payload payload.json --contract broken.json --reason OPS-17",
                "dead amend 1 --payload payload.json --version 9 --reason OPS-17",
                "dead amend 1 --payload payload.json --contract order.json --reason OPS-17",
                "dead show 1 --payload",
                "dead discard 2 --reason OPS-17",
                "dead amend 2 --payload payload.json --reason OPS-17 --json",
            ]),
        );
    }
}

const ORDER: &str = r#"{
  "name": "order",
  "limits": { "bytes": 100000, "depth": 8, "items": 500 },
  "root": {
    "type": "object",
    "fields": [{ "name": "order", "required": true, "shape": { "type": "integer" } }]
  }
}"#;
