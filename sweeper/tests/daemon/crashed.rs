//! How soon a job of a crashed worker is to be had again: at most one interval after its lease has ended.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fixtures::bed::{job_in, queue, worker};
use queue_core::memory::MemoryStore;
use queue_core::{ClaimRequest, Clock, EnqueueBatch, JobState, Lease, ManualClock, Store};
use sweeper::{LoopName, Settings, Sweeper};

use crate::harness::{PATIENCE, Place, Running};

const SECOND: Duration = Duration::from_secs(1);

async fn crash(store: &dyn Store, lease: Duration) -> Lease {
    let batch = EnqueueBatch::one(job_in("mail"));
    store.enqueue(batch).await.unwrap();
    claim(store, lease).await.expect("a job")
}

async fn claim(store: &dyn Store, lease: Duration) -> Option<Lease> {
    let request = ClaimRequest::new(worker("w"), vec![queue("mail")], 1).unwrap();
    let claimed = store.claim(request.lease_for(lease).unwrap()).await;
    claimed.unwrap().first().map(|job| job.lease)
}

/// Whenever between two sweeps its lease ends, by the intervals of the defaults.
#[tokio::test]
async fn the_next_sweep_brings_it_back() {
    let settings = Settings::default();
    let every = settings.sweeper.leases_every.get().unwrap();
    for lease in (1..=2 * every.as_secs()).map(Duration::from_secs) {
        let clock = ManualClock::default();
        let store = Arc::new(MemoryStore::with_clock(Clock::Manual(clock.clone())));
        let mut sweeper = Sweeper::new(store.clone(), settings.clone()).unwrap();
        let ends = crash(&*store, lease).await.expires_at();
        let mut since = Duration::ZERO;
        let again = loop {
            if since.as_secs().is_multiple_of(every.as_secs()) {
                sweeper.pass(LoopName::Leases).await.unwrap();
            }
            if claim(&*store, lease).await.is_some() {
                break clock.now();
            }
            clock.advance(SECOND);
            since += SECOND;
        };
        assert!(again >= ends, "{again} is before {ends}");
        assert!(again.since(ends) < every, "{again} is long after {ends}");
    }
}

/// The same of a process, by what the database wrote down. How punctual it is may depend on the machine, so
/// that only the slow suites insist on it.
#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_brings_it_back_within_an_interval() {
    let place = Place::postgres().await;
    let mut program = place.program();
    program.env("LEASEHOLD_SWEEPER_LEASES_EVERY", "1s");
    let daemon = Running::start(program);
    daemon.hears("every loop has had its first pass");
    let store = place.store().await;
    let mut leases = Vec::new();
    for number in 0..30 {
        let lease = SECOND + Duration::from_millis(100) * number;
        leases.push(crash(&*store, lease).await);
    }
    let until = Instant::now() + PATIENCE;
    let mut longest = Duration::ZERO;
    for lease in leases {
        let job = loop {
            let job = store.job(lease.job()).await.unwrap().unwrap();
            if job.state == JobState::Queued {
                break job;
            }
            assert!(Instant::now() < until, "{job:?}");
            tokio::task::yield_now().await;
        };
        let back = job.failure.expect("an expiry leaves one").last_at;
        assert!(back >= lease.expires_at(), "{back} is before its end");
        longest = longest.max(back.since(lease.expires_at()));
    }
    println!("{longest:?} after the end of its lease at the latest");
    let is_slow = std::env::var_os("LEASEHOLD_SLOW").is_some();
    // A pass takes its time, too.
    assert!(!is_slow || longest < SECOND + SECOND / 5, "{longest:?}");
}
