//! The service that has an outage.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use fixtures::bed::{decided, job_in, key, permanent};
use queue_core::{
    ClaimRequest, Claimed, Completion, EnqueueBatch, JobId, Outcome, QueueName, SettleBatch,
    Settlement, Store, WorkerName,
};
use queue_ops::Database;

const QUEUE: &str = "orders";
const CLASSES: [&str; 3] = [
    "PROVIDER_TIMEOUT",
    "PROVIDER_REFUSED",
    "CERTIFICATE_UNKNOWN",
];

/// A worker of a service, and what it has come to.
pub(crate) struct Service {
    flags: Arc<Flags>,
    work: JoinHandle<HashMap<JobId, u32>>,
}

#[derive(Default)]
struct Flags {
    is_fixed: AtomicBool,
    is_told_to_stop: AtomicBool,
}

impl Service {
    /// Enqueues jobs and works on them. As long as nothing is fixed, the first so many die of three
    /// things.
    pub(crate) async fn start(
        url: &str,
        store: &Arc<dyn Store>,
        jobs: usize,
        victims: usize,
    ) -> Self {
        let mut ids = Vec::new();
        let orders: Vec<usize> = (0..jobs).collect();
        for some in orders.chunks(1_000) {
            let jobs = some
                .iter()
                .map(|order| job_in(QUEUE).idempotent(key(&format!("order-{order}"))));
            let batch = EnqueueBatch::new(jobs.collect()).unwrap();
            let enqueued = store.enqueue(batch).await.unwrap();
            ids.extend(enqueued.iter().map(|one| one.job()));
        }
        let victims: HashSet<JobId> = ids.into_iter().take(victims).collect();
        let flags = Arc::new(Flags::default());
        let (url, seen) = (url.to_owned(), Arc::clone(&flags));
        let work = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(work(&url, &victims, &seen))
        });
        Self { flags, work }
    }

    /// What they died of is gone.
    pub(crate) fn fix(&self) {
        self.flags.is_fixed.store(true, Ordering::SeqCst);
    }

    /// How often each job has succeeded.
    pub(crate) fn stop(self) -> HashMap<JobId, u32> {
        self.flags.is_told_to_stop.store(true, Ordering::SeqCst);
        self.work.join().unwrap()
    }
}

async fn work(url: &str, victims: &HashSet<JobId>, flags: &Flags) -> HashMap<JobId, u32> {
    let store = Database::parse(url).unwrap().open().await.unwrap().store;
    let worker = WorkerName::new("service-1").unwrap();
    let mut ends = HashMap::new();
    while !flags.is_told_to_stop.load(Ordering::SeqCst) {
        let queues = vec![QueueName::new(QUEUE).unwrap()];
        let request = ClaimRequest::new(worker.clone(), queues, 250).unwrap();
        let claimed = store.claim(request).await.unwrap();
        if claimed.is_empty() {
            // As a worker polls that hears of nothing.
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        }
        let is_fixed = flags.is_fixed.load(Ordering::SeqCst);
        let dies = |claimed: &&Claimed| !is_fixed && victims.contains(&claimed.id());
        let settlements = claimed.iter().map(|claimed| {
            let outcome = if dies(&claimed) {
                let class = usize::try_from(claimed.id().get()).unwrap() % CLASSES.len();
                Outcome::Failed(permanent(CLASSES[class]))
            } else {
                Outcome::Done(Completion::default())
            };
            Settlement {
                lease: claimed.lease,
                transition: decided(claimed, outcome),
            }
        });
        let batch = SettleBatch::new(settlements.collect()).unwrap();
        let settled = store.settle(batch).await.unwrap();
        assert!(settled.iter().all(|settled| settled.state().is_some()));
        for claimed in claimed.iter().filter(|claimed| !dies(claimed)) {
            *ends.entry(claimed.id()).or_default() += 1;
        }
    }
    ends
}
