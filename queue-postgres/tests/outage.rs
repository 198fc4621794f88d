//! A worker lives through the loss of its server.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fixtures::postgres::PostgresCluster;
use fixtures::random_history::cases;
use queue_core::{Context, Job, JobError, JobId, JobState, JobStore, Queue, Worker};
use queue_postgres::PostgresStore;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

#[derive(Serialize, Deserialize)]
struct Count {
    number: u64,
}

impl Job for Count {
    const KIND: &'static str = "count";
    // A lease that outlasts the server's absence: who holds a job then still holds it afterwards.
    const LEASE: Duration = Duration::from_secs(60);

    fn unique_key(&self) -> Option<String> {
        Some(self.number.to_string())
    }
}

/// Enqueues without end; what the server did not acknowledge is asked for again.
async fn produce(queue: Queue, stop: Arc<Notify>) -> Vec<JobId> {
    let mut ids = Vec::new();
    for first in (0..).step_by(20) {
        let batch = || (first..first + 20).map(|number| Count { number });
        let answers = loop {
            match queue.enqueue_all(batch()).await {
                Ok(answers) => break answers,
                Err(error) => assert!(error.is_transient(), "{error}"),
            }
        };
        ids.extend(answers.iter().map(|answer| answer.job()));
        let stopped = tokio::time::timeout(Duration::from_millis(5), stop.notified());
        if stopped.await.is_ok() {
            break;
        }
    }
    ids
}

/// Waits until so many more were handled; says how long that took.
async fn go_on(handled: &AtomicU64, more: u64) -> Duration {
    let (begun, goal) = (Instant::now(), handled.load(Ordering::Relaxed) + more);
    while handled.load(Ordering::Relaxed) < goal {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "nothing goes on any more"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    begun.elapsed()
}

/// The server is lost without a word and comes back, again and again: the same worker goes on by
/// itself, nothing is lost, and nobody had to wait for a lease to end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_goes_on_when_the_server_is_back() {
    let cluster = PostgresCluster::start_durable();
    let url = cluster.create_database();
    let store = PostgresStore::connect(&format!("{url}&migrate=true"))
        .await
        .unwrap();
    let queue = Queue::new(store.clone());
    let handled = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&handled);
    let (stop, enough) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let worker = Worker::builder(queue.clone())
        .handle(move |_: Count, _: Context| {
            counted.fetch_add(1, Ordering::Relaxed);
            std::future::ready(Ok::<_, JobError>(()))
        })
        .build()
        .unwrap();
    let stopped = Arc::clone(&stop);
    let working = tokio::spawn(async move { worker.run(stopped.notified()).await });
    let producing = tokio::spawn(produce(queue, Arc::clone(&enough)));
    for round in 0..cases(5) {
        go_on(&handled, 200).await;
        cluster.stop_immediate();
        cluster.restart();
        println!(
            "round {round}: 200 more jobs within {:?} of its return",
            go_on(&handled, 200).await
        );
    }
    enough.notify_one();
    let ids = producing.await.unwrap();
    let patience = Instant::now();
    while !store.stats().await.unwrap().queues.is_empty() {
        assert!(
            patience.elapsed() < Duration::from_secs(30),
            "jobs are left: {:?}",
            store.stats().await
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.notify_one();
    let report = working.await.unwrap().unwrap();
    let done = ids.len() as u64;
    assert_eq!((report.succeeded, report.attempts()), (done, done));
    let distinct: HashSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "an id was given twice");
    for id in &ids {
        let job = store.job(*id).await.unwrap().unwrap();
        assert_eq!(job.state, JobState::Succeeded);
    }
    println!("{} jobs, {report:?}", ids.len());
}
