//! Two daemons on one database.

use std::time::Duration;

use queue_core::{
    Act, Actor, KindName, NewJob, Page, Payload, QueueName, SCHEDULED_FOR, Schedule, ScheduleName,
};

use crate::harness::{Place, Running};

/// One leads; when it is killed the other takes over, and nothing was fired twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_leader_is_replaced() {
    let place = Place::postgres().await;
    let store = place.store().await;
    let job = NewJob::new(
        QueueName::new("reports").unwrap(),
        KindName::new("close").unwrap(),
        Payload::json(&1).unwrap(),
    );
    let name = ScheduleName::new("often").unwrap();
    let often = Schedule::every(name, Duration::from_secs(1), job).unwrap();
    let act = Act::new(Actor::new("ada").unwrap(), "for the test");

    let start = |name: &str| {
        let mut program = place.program();
        program.env("LEASEHOLD_SWEEPER_NAME", name).env(
            "LEASEHOLD_HTTP_LISTEN",
            format!("unix:{}/{name}.sock", place.dir.path().display()),
        );
        Running::start(program)
    };
    let first = start("first");
    first.hears("this process leads");
    first.hears("this process leads");
    let second = start("second");
    let told = second.hears("another process leads");
    assert!(told.contains("leader=first."), "{told}");
    second.hears("another process leads");

    store.put_schedule(&often, &act).await.unwrap();
    let fired = async |least: usize| loop {
        let jobs = store.live(Page::first(1000).unwrap()).await.unwrap();
        if jobs.len() >= least {
            let ticks = jobs
                .iter()
                .map(|job| job.headers.get(SCHEDULED_FOR).map(str::to_owned));
            let mut ticks: Vec<_> = ticks.collect();
            ticks.sort();
            ticks.dedup();
            assert_eq!(ticks.len(), jobs.len(), "a tick was fired twice");
            return jobs.len();
        }
        tokio::task::yield_now().await;
    };
    let before = fired(2).await;
    first.signal("KILL");
    second.hears("this process leads");
    second.hears("this process leads");
    fired(before + 2).await;
}

/// One that stops leaves its roles to be had at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_stops_gives_its_roles_up() {
    let place = Place::sqlite().await;
    let mut program = place.program();
    program.env("LEASEHOLD_SWEEPER_LEADER_LEASE", "1h");
    let daemon = Running::start(program);
    daemon.hears("every loop has had its first pass");
    daemon.signal("TERM");
    assert_eq!(daemon.ends().0.code(), Some(0));
    let mut program = place.program();
    program.env("LEASEHOLD_SWEEPER_LEADER_LEASE", "1h");
    Running::start(program).hears("this process leads");
}
