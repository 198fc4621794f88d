//! A leader sleeps through its lease.

use std::time::{Duration, Instant};

use fixtures::bed::{ada, job_in};
use fixtures::postgres::PostgresCluster;
use queue_core::{Schedule, ScheduleName};

use crate::harness::{PATIENCE, Place, Running};

/// Who fires, by the name of its connection, and who leads then, by the database's clock.
const RECORD: &str = "
    CREATE TABLE public.fired (by_whom text, leader text);
    CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO public.fired VALUES (current_setting('application_name'),
            (SELECT split_part(holder, '.', 1) FROM leasehold.leader
             WHERE role = 'schedules' AND expires_at > clock_timestamp()));
        RETURN NEW;
    END $$;
    CREATE TRIGGER fire BEFORE UPDATE OF next_tick ON leasehold.schedule
        FOR EACH ROW EXECUTE FUNCTION public.fire()";

const THIS: &str = "this process leads role=\"schedules\"";
const ANOTHER: &str = "another process leads role=\"schedules\"";

fn start(place: &Place, name: &str) -> Running {
    let mut program = place.program();
    program
        .env(
            "LEASEHOLD_DATABASE_URL",
            format!("{}&application_name={name}", place.url),
        )
        .env("LEASEHOLD_SWEEPER_NAME", name)
        .env("LEASEHOLD_SWEEPER_LEADER_LEASE", "4s")
        .env("LEASEHOLD_HTTP_LISTEN", "off");
    Running::start(program)
}

/// Asks the database until it answers otherwise.
fn until_other(cluster: &PostgresCluster, question: &str) {
    let ask = || cluster.sql("t0", question).unwrap();
    let (before, until) = (ask(), Instant::now() + PATIENCE);
    while ask() == before {
        assert!(Instant::now() < until, "{question}: still {before}");
    }
}

/// It finds that another leads before it fires, although ticks are due and that other one fires none.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_slept_through_its_lease_does_not_act() {
    let cluster = PostgresCluster::start();
    let place = Place::on(&cluster).await;
    cluster.sql("t0", RECORD).unwrap();
    let store = place.store().await;
    let often = ScheduleName::new("often").unwrap();
    let often = Schedule::every(often, Duration::from_secs(1), job_in("reports")).unwrap();
    store.put_schedule(&often, &ada()).await.unwrap();
    let firings = |name: &str| format!("SELECT count(*) FROM fired WHERE by_whom = '{name}'");

    let first = start(&place, "first");
    first.hears(THIS);
    let second = start(&place, "second");
    second.hears(ANOTHER);
    // Just after a tick, there is nothing that it is about to do.
    until_other(&cluster, &firings("first"));
    first.signal("STOP");
    second.hears(THIS);
    until_other(&cluster, &firings("second"));

    // Whoever leads now holds the role for some seconds more, and does nothing with it.
    let lease = "SELECT expires_at FROM leasehold.leader WHERE role = 'schedules'";
    until_other(&cluster, lease);
    second.signal("STOP");
    let until = Instant::now() + PATIENCE;
    let due = "SELECT count(*) FROM leasehold.schedule WHERE next_tick <= now()";
    while cluster.sql("t0", due).unwrap() != "1\n" {
        assert!(Instant::now() < until, "no tick comes");
    }
    first.signal("CONT");
    let told = first.hears(ANOTHER);
    assert!(told.contains("leader=second."), "{told}");

    // When it is nobody's it may act again.
    first.hears(THIS);
    until_other(&cluster, &firings("first"));
    second.signal("CONT");
    second.hears(ANOTHER);
    let without = "SELECT * FROM fired WHERE leader IS DISTINCT FROM by_whom";
    assert_eq!(cluster.sql("t0", without).unwrap(), "");
}
