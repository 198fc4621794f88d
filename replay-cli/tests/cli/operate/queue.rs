use fixtures::bed::{Bed, job_in, message, notifying};
use queue_core::Outcome;

use super::site::{dead_in, on_both};

async fn mail(bed: &Bed) {
    bed.put(job_in("mail")).await;
}

#[test]
fn queues_are_seen_and_steered() {
    on_both(
        "queue",
        mail,
        &[
            "queue list",
            "queue pause mail --reason OPS-17",
            "queue pause mail --reason OPS-17",
            "queue list",
            "queue list --json",
            "queue resume mail --reason OPS-18",
            "queue resume mail --reason OPS-18 --json",
            "queue resume never_seen --reason OPS-18",
            "queue limits mail",
            "queue limits mail --max-running 8 --rate 100/min --burst 10 --fair on --ordering loose --reason OPS-19",
            "queue limits mail --max-running none --rate none --reason OPS-20",
            "queue limits mail --json",
            "queue pause mail --reason OPS-21 --json",
        ],
    );
}

#[test]
fn what_cannot_be_set_is_said() {
    on_both(
        "queue-refused",
        mail,
        &[
            "queue pause mial --reason OPS-17",
            "queue pause mail",
            "queue limits mail --max-running 0 --reason OPS-17",
            "queue limits mail --max-running many --reason OPS-17",
            "queue limits mail --rate fast --reason OPS-17",
            "queue limits mail --rate 0/s --reason OPS-17",
            "queue limits mail --rate none --burst 3 --reason OPS-17",
            "queue limits mail --max-running 3",
            "queue limits mail --fair perhaps --reason OPS-17",
            "queue pause with*star --reason OPS-17",
        ],
    );
}

/// A queue is known by whatever jobs it has, also where they are over but for their messages, or dead.
#[test]
fn a_queue_is_known_by_jobs_of_every_state() {
    for site in super::Site::both() {
        site.seed(async |bed| {
            bed.put(job_in("orders")).await;
            let claimed = bed.claim_from(&["orders"], 1).await.remove(0);
            let told = notifying(vec![message("ada@example.org").required()]);
            bed.settle(&claimed, Outcome::Done(told)).await;
            dead_in(bed, "invoices", "AUTH_DENIED").await;
        });
        for (mistaken, meant) in [("oders", "orders"), ("invioces", "invoices")] {
            let ran = site.run(&format!("queue pause {mistaken} --reason OPS-17"));
            let said = format!(
                "error: no queue `{mistaken}` has jobs or settings; the nearest is `{meant}`; where it is meant so, give \
                 --new\n"
            );
            assert_eq!(ran.error(3), said);
            site.run(&format!("queue pause {meant} --reason OPS-17"))
                .data();
        }
        let ran = site.run("queue pause something --reason OPS-17");
        assert_eq!(
            ran.error(3),
            "error: no queue `something` has jobs or settings; where it is meant so, give --new\n"
        );
    }
}

#[test]
fn a_change_is_on_record_and_what_changes_nothing_is_not() {
    for site in super::Site::both() {
        site.seed(mail);
        for line in ["queue pause mail", "queue pause mail", "queue resume mail"] {
            site.run(&format!("{line} --reason OPS-17")).data();
        }
        site.seed(async |bed| {
            let audit = bed.audit().await;
            let acts: Vec<_> = audit
                .iter()
                .map(|record| {
                    let act = &record.entry.act;
                    (
                        act.actor.as_str(),
                        act.reason.as_str(),
                        record.entry.action.as_str(),
                    )
                })
                .collect();
            assert_eq!(acts, [("ada", "OPS-17", "queue.configure"); 2]);
        });
    }
}

/// The user of the operating system, unless it is said who.
#[test]
fn who_acts_is_known() {
    let site = super::Site::empty_sqlite().migrated();
    site.seed(mail);
    let mut unsaid = site.command("queue pause mail --reason OPS-17");
    assert!(
        unsaid
            .env_remove("LEASEHOLD_ACTOR")
            .status()
            .unwrap()
            .success()
    );
    site.run("queue resume mail --reason OPS-17 --actor bob")
        .data();
    let id = std::process::Command::new("id")
        .arg("-un")
        .output()
        .unwrap();
    let user = String::from_utf8(id.stdout).unwrap();
    site.seed(async |bed| {
        let audit = bed.audit().await;
        assert_eq!(audit[0].entry.act.actor.as_str(), user.trim());
        assert_eq!(audit[1].entry.act.actor.as_str(), "bob");
    });
}
