//! A worker lives through the loss of its server.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fixtures::postgres::PostgresCluster;
use fixtures::random_history::cases;
use queue_core::{Context, Job, JobError, JobId, JobState, JobStore, Queue, Worker};
use queue_postgres::PostgresStore;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

/// How long what a worker holds may take to be settled.
const PATIENCE: Duration = Duration::from_secs(30);

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

/// The jobs that the handler was given, in order.
#[derive(Clone, Default)]
struct Handled(Arc<Mutex<Vec<JobId>>>);

impl Handled {
    fn note(&self, id: JobId) {
        self.0.lock().unwrap().push(id);
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn has(&self, id: JobId) -> bool {
        self.0.lock().unwrap().contains(&id)
    }
}

/// Waits until so many more were handled; says how long that took.
async fn go_on(handled: &Handled, more: usize) -> Duration {
    let (begun, goal) = (Instant::now(), handled.count() + more);
    while handled.count() < goal {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "nothing goes on any more"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    begun.elapsed()
}

/// Waits until all is done. What a worker was given before the server went is settled by it soon; a claim that
/// the server committed and could not answer any more is nobody's, and comes back when its lease ends.
async fn all_is_done(store: &PostgresStore, ids: &[JobId], handled: &Handled) {
    if is_done_within(store, PATIENCE).await {
        return;
    }
    for id in ids {
        let was_held = handled.has(*id);
        let job = store.job(*id).await.unwrap().unwrap();
        assert!(
            !was_held || job.state == JobState::Succeeded,
            "a worker held it, and it is left: {job:?}"
        );
    }
    assert!(
        is_done_within(store, Count::LEASE + PATIENCE).await,
        "jobs are left: {:?}",
        store.stats().await
    );
}

async fn is_done_within(store: &PostgresStore, patience: Duration) -> bool {
    let begun = Instant::now();
    while !store.stats().await.unwrap().queues.is_empty() {
        if begun.elapsed() > patience {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    true
}

/// The server is lost without a word and comes back, again and again: the same worker goes on by
/// itself, nothing is lost, and nothing that it holds has to wait for a lease to end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_goes_on_when_the_server_is_back() {
    let cluster = PostgresCluster::start_durable();
    let url = cluster.create_database();
    let store = PostgresStore::connect(&format!("{url}&migrate=true"))
        .await
        .unwrap();
    let queue = Queue::new(store.clone());
    let handled = Handled::default();
    let noted = handled.clone();
    let (stop, enough) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let worker = Worker::builder(queue.clone())
        .handle(move |_: Count, context: Context| {
            noted.note(context.id());
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
    all_is_done(&store, &ids, &handled).await;
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
