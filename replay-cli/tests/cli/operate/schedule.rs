use fixtures::bed::{Bed, ada, job_in};
use queue_core::{Schedule, ScheduleName};

use super::site::on_both;

async fn nightly(bed: &Bed) {
    let name = ScheduleName::new("nightly").unwrap();
    let nightly = Schedule::cron(name, "0 3 * * *", "Europe/Berlin", job_in("reports")).unwrap();
    bed.store.put_schedule(&nightly, &ada()).await.unwrap();
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
