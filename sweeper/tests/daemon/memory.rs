//! How much memory the process takes: idle, and while it sweeps very many leases.

use std::fs;
use std::time::{Duration, Instant};

use fixtures::bed::{job_in, queue, worker};
use queue_core::{ClaimRequest, EnqueueBatch};

use crate::harness::{PATIENCE, Place, Running};

const AT_ONCE: usize = 1000;

/// 50,000 leases, or with `LEASEHOLD_SLOW=1` as many as there are to be.
fn leases(slow: usize) -> usize {
    let is_slow = std::env::var_os("LEASEHOLD_SLOW").is_some();
    if is_slow { slow } else { 50_000 }
}

/// The most that was ever resident, in MiB.
fn peak(daemon: &Running) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.child.id())).unwrap();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let figure = line.unwrap().trim().trim_end_matches(" kB");
    figure.parse::<u64>().unwrap() / 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_small_on_sqlite() {
    memory_stays_small(Place::sqlite().await, leases(1_000_000)).await;
}

/// Fewer of them: a server takes longer to store a million than a test may, and a page is a page.
#[tokio::test(flavor = "multi_thread")]
async fn memory_stays_small_on_postgres() {
    memory_stays_small(Place::postgres().await, leases(300_000)).await;
}

async fn memory_stays_small(place: Place, leases: usize) {
    let store = place.store().await;
    let daemon = Running::start(place.program());
    daemon.hears("every loop has had its first pass");
    let idle = peak(&daemon);
    // Another one sweeps, so that none does before all of it can be swept.
    daemon.signal("TERM");
    assert_eq!(daemon.ends().0.code(), Some(0));
    let mut ends = store.now().await.unwrap();
    for _ in 0..leases / AT_ONCE {
        let batch = EnqueueBatch::new(vec![job_in("mail"); AT_ONCE]).unwrap();
        store.enqueue(batch).await.unwrap();
        let request = ClaimRequest::new(worker("w"), vec![queue("mail")], AT_ONCE as u32);
        let request = request.unwrap().lease_for(Duration::from_secs(1)).unwrap();
        let claimed = store.claim(request).await.unwrap();
        assert_eq!(claimed.len(), AT_ONCE);
        ends = claimed[0].lease.expires_at();
    }
    while store.now().await.unwrap() < ends {
        tokio::task::yield_now().await;
    }
    let daemon = Running::start(place.program());
    let until = Instant::now() + PATIENCE * 10;
    while store.stats().await.unwrap().queues[0].running.counted > 0 {
        assert!(Instant::now() < until, "not all is swept");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let busy = peak(&daemon);
    println!("{idle} MiB idle, {busy} MiB while {leases} leases were swept");
    assert!(
        idle <= 40 && busy <= 80,
        "{idle} MiB idle, {busy} MiB at most"
    );
}
