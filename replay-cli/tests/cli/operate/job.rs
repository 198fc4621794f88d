use fixtures::bed::{Bed, job, job_in, kind, order, retryable, secs, subject, tenant};
use queue_core::{CORRELATION_ID, Outcome, Payload, Revision};

use super::site::on_both;

/// 1 is retried, 2 runs, 3 has all that a job can have, 4 is done, 5 waits behind 3.
async fn some(bed: &Bed) {
    bed.put(job()).await;
    let claimed = bed.claim_one().await;
    let failure = retryable("FLAKY").retry_after(secs(100));
    bed.settle(&claimed, Outcome::Failed(failure)).await;
    bed.put(job()).await;
    bed.claim_one().await;
    let mut rich = job_in("mail")
        .tenant(tenant("acme"))
        .ordered_by(order("order 42"))
        .about(subject("order:42"), Revision::new(7))
        .delay(secs(3600))
        .header(CORRELATION_ID, "corr-1")
        .unwrap()
        .header("authorization", "Bearer hunter2")
        .unwrap();
    rich.kind = kind("send_invoice");
    rich.payload =
        Payload::json(&serde_json::json!({ "order": 42, "to": "ada@example.org" })).unwrap();
    bed.put(rich).await;
    bed.put(job_in("done")).await;
    let claimed = bed.claim_from(&["done"], 1).await.remove(0);
    bed.succeed(&claimed).await;
    bed.put(job_in("mail").ordered_by(order("order 42"))).await;
}

#[test]
fn jobs_are_seen() {
    on_both(
        "job",
        some,
        &[
            "job list",
            "job list --state running",
            "job list --queue mail --kind send_invoice --tenant acme",
            "job list --queue nowhere",
            "job list --since 1h --text BROKE",
            "job list --until 1h",
            "job list --text nothing_of_that",
            "job list --state queued --queue q --json",
            "job show 3",
            "job show job:4",
            "job show 5",
            "job show 3 --payload",
            "job show 3 --payload --json",
        ],
    );
}

#[test]
fn jobs_are_cancelled_and_retried() {
    on_both(
        "job-changes",
        some,
        &[
            "job retry 1 --reason OPS-17",
            "job retry 1 --reason OPS-17",
            "job retry 2 --reason OPS-17",
            "job retry 4711 --reason OPS-17",
            "job retry 3 2 4711 --reason OPS-17",
            "job retry 3 2 4711 --reason OPS-17 --yes --json",
            "job cancel 1 --reason OPS-17",
            "job cancel 1 --reason OPS-17",
            "job cancel 2 --reason OPS-17 --json",
            "job cancel 4711 --reason OPS-17",
            "job cancel --all-matching --queue mail --reason OPS-17",
            "job cancel --all-matching --queue mail --reason OPS-17 --yes",
            "job list --state queued",
            "job show 3 --json",
        ],
    );
}

#[test]
fn what_is_no_job_is_said() {
    on_both(
        "job-refused",
        async |_: &Bed| {},
        &[
            "job show 17",
            "job show seventeen",
            "job show notification:17",
            "job list --state dead",
            "job list --limit 0",
            "job list --limit 9999",
            "job list --after soon",
            "job list --since 1h --until 2h",
            "job cancel --reason OPS-17",
            "job cancel 1 --all-matching --reason OPS-17",
            "job cancel 1 --queue mail --reason OPS-17",
            "job cancel 1",
        ],
    );
}

/// Neither what is in a payload nor headers are shown unasked, in whatever form.
#[test]
fn nothing_of_a_payload_is_shown_unasked() {
    for site in super::Site::both() {
        site.seed(some);
        for line in [
            "job list",
            "job list --json",
            "job show 3",
            "job show 3 --json",
        ] {
            let said = site.run(line).data();
            assert!(
                !said.contains("ada@") && !said.contains("hunter2"),
                "{said}"
            );
        }
        let said = site.run("job show 3 --payload").data();
        assert!(said.contains("ada@") && said.contains("hunter2"), "{said}");
    }
}
