//! Every loop one time.

use std::time::Duration;

use fixtures::bed::message;
use queue_core::{
    Act, Actor, DeliveryRequest, JobState, KindName, NewJob, NotificationState, Payload,
    PublishBatch, QueueName, Schedule, ScheduleName, Store, WorkerName,
};

use crate::harness::{Place, Running, abandoned_job, abandoned_jobs, output, program};

/// A schedule whose tick is due as soon as it is looked at again.
async fn put_due_schedule(store: &dyn Store) {
    let job = NewJob::new(
        QueueName::new("reports").unwrap(),
        KindName::new("close").unwrap(),
        Payload::json(&1).unwrap(),
    );
    let name = ScheduleName::new("often").unwrap();
    let often = Schedule::every(name, Duration::from_secs(1), job).unwrap();
    let act = Act::new(Actor::new("ada").unwrap(), "for the test");
    let put = store.put_schedule(&often, &act).await.unwrap();
    let due = put.next_tick.unwrap();
    while store.now().await.unwrap() < due {
        tokio::task::yield_now().await;
    }
}

async fn everything_is_repaired(place: Place) {
    let store = place.store().await;
    let job = abandoned_job(&*store).await;
    let batch = PublishBatch::new(vec![message("ada@example.org")]).unwrap();
    let row = store.publish(batch).await.unwrap()[0].id();
    let request =
        DeliveryRequest::new(WorkerName::new("m").unwrap(), 1, Duration::from_millis(100));
    let leased = store.lease_notifications(request.unwrap()).await.unwrap();
    put_due_schedule(&*store).await;
    // A tick may be due before.
    let end = leased[0].lease_expires_at.unwrap();
    while store.now().await.unwrap() < end {
        tokio::task::yield_now().await;
    }

    let (code, said, wrong) = output(place.program().arg("--once"));
    assert_eq!(code, 0, "{said}{wrong}");
    assert_eq!(
        store.job(job).await.unwrap().unwrap().state,
        JobState::Queued
    );
    let row = store.notification(row).await.unwrap().unwrap();
    assert_eq!(row.state, NotificationState::InDoubt);
    let reports = QueueName::new("reports").unwrap();
    let stats = store.stats().await.unwrap();
    assert!(
        stats.queues.iter().any(|queue| queue.queue == reports),
        "{stats:?}"
    );
    assert!(
        said.contains("leases\tdone\t1\n") && said.contains("doubts\tdone\t1\n"),
        "{said}"
    );
    assert!(said.contains("audit\tdone\t1\n"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_repaired_on_sqlite() {
    everything_is_repaired(Place::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_repaired_on_postgres() {
    everything_is_repaired(Place::postgres().await).await;
}

/// What is in the way of one job is in the way of no other.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_swept_is_set_aside() {
    let place = Place::sqlite().await;
    let store = place.store().await;
    let jobs = abandoned_jobs(&*store, 7).await;
    // The first of all: pages begin with it until it is set aside.
    let bad = jobs[0];
    let connection = place.rusqlite();
    let trap = format!(
        "CREATE TRIGGER trap BEFORE UPDATE ON leasehold_job WHEN old.id = {bad}
         BEGIN SELECT raise(ABORT, 'the disk has a hole'); END"
    );
    connection.execute_batch(&trap).unwrap();
    let mut program = place.program();
    program.env("LEASEHOLD_SWEEPER_LEASES_PAGE", "2");
    let (code, said, log) = output(program.arg("--once"));
    assert_eq!(code, 0, "{said}{log}");
    assert!(said.contains("leases\tdone\t6\n"), "{said}");
    let told: Vec<_> = log
        .lines()
        .filter(|line| line.contains("set aside"))
        .collect();
    assert_eq!(told.len(), 1, "{log}");
    assert!(
        told[0].contains("STORE_BACKEND") && told[0].contains(&format!("job={bad}")),
        "{log}"
    );
    for job in jobs {
        let state = store.job(job).await.unwrap().unwrap().state;
        let wanted = if job == bad {
            JobState::Running
        } else {
            JobState::Queued
        };
        assert_eq!(state, wanted, "{job}");
    }
}

/// Where nothing works nothing is set aside: the error is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_cannot_be_written_is_an_error() {
    let place = Place::sqlite().await;
    let store = place.store().await;
    abandoned_jobs(&*store, 20).await;
    let trap = "CREATE TRIGGER trap BEFORE UPDATE ON leasehold_job
        BEGIN SELECT raise(ABORT, 'the disk has a hole'); END";
    place.rusqlite().execute_batch(trap).unwrap();
    let (code, said, log) = output(place.program().arg("--once"));
    assert_eq!(code, 5, "{said}{log}");
    assert!(said.contains("leases\tfailed\t"), "{said}");
    assert!(!log.contains("set aside"), "{log}");
    assert!(said.contains("doubts\tdone\t0\n"), "{said}");
}

/// A changed record is found, and is what the process ends with.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_chain_is_a_finding() {
    let place = Place::sqlite().await;
    put_due_schedule(&*place.store().await).await;
    let tamper = "DROP TRIGGER leasehold_audit_no_update;
        UPDATE leasehold_audit SET reason = 'nobody asked'";
    place.rusqlite().execute_batch(tamper).unwrap();
    let (code, said, log) = output(place.program().arg("--once"));
    assert_eq!(code, 6, "{said}{log}");
    assert!(
        said.contains("audit\tbroken\trecord 1: it was changed"),
        "{said}"
    );
    assert!(log.contains("audit_edited"), "{log}");
}

/// It stops after the page that is under way: not before the page's end, and not at the end of all.
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_after_a_page() {
    for (signal, code) in [("TERM", 143), ("INT", 130)] {
        let place = Place::sqlite().await;
        let store = place.store().await;
        let jobs = 1000_u32;
        abandoned_jobs(&*store, jobs as usize).await;
        let mut program = place.program();
        program
            .arg("--once")
            .env("LEASEHOLD_SWEEPER_LEASES_PAGE", "1");
        let once = Running::start(program);
        let running = async || store.stats().await.unwrap().queues[0].running.counted;
        while running().await == jobs {
            tokio::task::yield_now().await;
        }
        once.signal(signal);
        let (status, said) = once.ends();
        assert_eq!(status.code(), Some(code), "{said:?}");
        let left = running().await;
        assert!(0 < left && left < jobs, "{left} are left");
        assert!(
            said.iter()
                .any(|line| line.contains("stopping after this page")),
            "{said:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_schema_it_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("empty.db");
    drop(queue_sqlite::rusqlite::Connection::open(&file).unwrap());
    std::fs::write(&file, "").unwrap();
    for arguments in [&["--once"][..], &[]] {
        let url = format!("sqlite:{}", file.display());
        let mut command = program();
        command.args(arguments).env("LEASEHOLD_DATABASE_URL", url);
        command.env("LEASEHOLD_HTTP_LISTEN", "off");
        let (code, _, wrong) = output(&mut command);
        assert_eq!(code, 76, "{wrong}");
        assert!(wrong.contains("leasehold migrate up"), "{wrong}");
    }
}
