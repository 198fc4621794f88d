use fixtures::bed::{Bed, delivery_lease, job, message, notifying, permanent, retryable};
use queue_core::{Delivery, DeliveryPhase, Outcome, PublishBatch};

use super::site::on_both;

/// 1 failed and a job requires it, 2 is in doubt, 3 was sent, 4 is to be sent.
async fn four(bed: &Bed) {
    bed.put(job()).await;
    let claimed = bed.claim_one().await;
    let required = notifying(vec![message("ada@example.org").required()]);
    bed.settle(&claimed, Outcome::Done(required)).await;
    let rest = ["bob@example.org", "eve@example.org", "dan@example.org"].map(message);
    bed.store
        .publish(PublishBatch::new(rest.to_vec()).unwrap())
        .await
        .unwrap();
    let rows = bed.lease_rows(3).await;
    let failure = permanent("MAILBOX_UNKNOWN");
    bed.mark(&rows[0], Delivery::Failed { failure }).await;
    let lease = delivery_lease(bed, &rows[1]);
    assert!(bed.note_phase(&lease, DeliveryPhase::Committing).await);
    let failure = retryable("REPLY_LOST");
    bed.mark(&rows[1], Delivery::InDoubt { failure }).await;
    bed.sent(&rows[2]).await;
}

#[test]
fn messages_are_seen() {
    on_both(
        "notification",
        four,
        &[
            "notification list",
            "notification list --state failed --state in_doubt --json",
            "notification list --error-class MAILBOX_UNKNOWN --unmask",
            "notification list --channel webhook",
            "notification list --since 1h --text GOOD",
            "notification list --until 1h",
            "notification show 2",
            "notification show 1 --unmask --payload",
            "notification show notification:2 --json",
        ],
    );
}

#[test]
fn messages_are_decided_on() {
    on_both(
        "notification-changes",
        four,
        &[
            "notification verdict 2 --not-delivered --reference OPS-17 --note not_in_the_log --reason OPS-17",
            "notification show 2",
            "notification verdict 2 --delivered --reference OPS-17 --note late --reason OPS-17",
            "notification retry 1 3 --reason OPS-17",
            "notification retry 3 --reason OPS-17",
            "notification redirect 1 --to zoe@example.org --reason OPS-17",
            "notification show 1",
            "notification redirect 1 --to zoe@example.org --reason OPS-17",
        ],
    );
}

/// What a program reads of it. Here 4 has failed as well.
#[test]
fn decisions_are_told_as_json() {
    on_both(
        "notification-json",
        async |bed: &Bed| {
            four(bed).await;
            let row = bed.lease_rows(1).await.remove(0);
            let failure = permanent("MAILBOX_UNKNOWN");
            bed.mark(&row, Delivery::Failed { failure }).await;
        },
        &[
            "notification verdict 2 --delivered --reference OPS-17 --note in_the_log --reason OPS-17 --json",
            "notification retry 1 --reason OPS-17 --json",
            "notification retry 1 3 --reason OPS-17 --json",
            "notification redirect 4 --to zoe@example.org --reason OPS-17 --json",
            "notification redirect 3 --to zoe@example.org --reason OPS-17 --json",
            "notification show 4 --json",
        ],
    );
}

#[test]
fn what_is_waived_lets_its_job_finish() {
    on_both(
        "notification-waived",
        four,
        &[
            "job show 1",
            "notification waive --all-matching --channel email --reason OPS-17",
            "notification waive --all-matching --channel email --reason OPS-17 --yes --json",
            "job list",
        ],
    );
}

#[test]
fn what_is_no_message_is_said() {
    on_both(
        "notification-refused",
        four,
        &[
            "notification show 17",
            "notification show x",
            "notification list --state lost",
            "notification retry 17 --reason OPS-17",
            "notification verdict 2 --reference OPS-17 --note n --reason OPS-17",
            "notification verdict 2 --delivered --not-delivered --reference OPS-17 --note n --reason OPS-17",
            "notification verdict 2 --delivered --reason OPS-17",
            "notification redirect 1 --reason OPS-17",
            "notification retry 1 --channel email --reason OPS-17",
            "notification waive --all-matching --state failed",
        ],
    );
}
