use fixtures::bed::{Bed, ada, job_in};
use queue_core::{Schedule, ScheduleName};

use super::site::on_both;

async fn nightly(bed: &Bed) {
    put(bed, "nightly", "0 3 * * *").await;
}

async fn put(bed: &Bed, name: &str, cron: &str) {
    let name = ScheduleName::new(name).unwrap();
    let schedule = Schedule::cron(name, cron, "Europe/Berlin", job_in("reports")).unwrap();
    bed.store.put_schedule(&schedule, &ada()).await.unwrap();
}

#[test]
fn schedules_are_seen_and_steered() {
    on_both(
        "schedule",
        nightly,
        &[
            "schedule list",
            "schedule list --json",
            "schedule pause nightly --reason OPS-17",
            "schedule pause nightly --reason OPS-17",
            "schedule list",
            "schedule resume nightly --reason OPS-18 --json",
            "schedule pause nihgtly --reason OPS-17",
            "schedule remove nihgtly --reason OPS-17",
            "schedule remove nightly",
            "schedule remove nightly --reason OPS-17",
            "schedule remove nightly --reason OPS-17",
            "schedule list",
        ],
    );
}

/// What a program reads of it.
#[test]
fn changes_of_schedules_are_told_as_json() {
    on_both(
        "schedule-json",
        async |bed: &Bed| put(bed, "weekly", "0 4 * * 1").await,
        &[
            "schedule pause weekly --reason OPS-17 --json",
            "schedule list --json",
            "schedule remove weekly --reason OPS-17 --json",
            "schedule remove weekly --reason OPS-17 --json",
        ],
    );
}
