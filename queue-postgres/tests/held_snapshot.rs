//! Claims while somebody holds on to an old snapshot, and no vacuum removes what was finished since.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::time::{Duration, Instant};

use fixtures::bed::{QUEUE, job, queue, worker};
use fixtures::overheard;
use fixtures::postgres::PostgresCluster;
use queue_core::{
    ClaimRequest, Claimed, Completion, EnqueueBatch, Enqueued, JobId, JobStore, SettleBatch,
    Settlement, Transition,
};
use queue_postgres::PostgresStore;
use sqlx::{Connection, Executor, PgConnection};

/// So long claims go on once they begin late: then they begin behind what was enqueued first.
const LATE: Duration = Duration::from_secs(6);
/// Only so that a failure ends.
const PATIENCE: Duration = Duration::from_secs(240);

async fn enqueue(store: &PostgresStore, count: usize) -> Vec<JobId> {
    let batch = EnqueueBatch::new(vec![job(); count]).unwrap();
    created(store.enqueue(batch).await.unwrap())
}

fn created(enqueued: Vec<Enqueued>) -> Vec<JobId> {
    let ids = enqueued.into_iter().map(|one| one.created().unwrap());
    ids.collect()
}

async fn claim(store: &PostgresStore) -> Vec<Claimed> {
    let request = ClaimRequest::new(worker("w"), vec![queue(QUEUE)], 500).unwrap();
    store.claim(request).await.unwrap()
}

async fn finish(store: &PostgresStore, jobs: &[Claimed]) {
    if jobs.is_empty() {
        return;
    }
    let done = |job: &Claimed| Settlement {
        lease: job.lease,
        transition: Transition::Finish(Completion::default()),
    };
    let batch = SettleBatch::new(jobs.iter().map(done).collect()).unwrap();
    store.settle(batch).await.unwrap();
}

/// Alone in its program, since it listens to all that is logged.
#[tokio::test]
async fn what_claims_pass_by_is_claimed_all_the_same() {
    overheard::listen();
    let url = PostgresCluster::shared().create_database();
    let store = PostgresStore::connect(&format!("{url}&migrate=true"))
        .await
        .unwrap();
    let mut holder = PgConnection::connect(&url).await.unwrap();
    let hold = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM leasehold.job";
    holder.execute(hold).await.unwrap();

    // What would be dead after minutes of work.
    let dead = "INSERT INTO leasehold.job (id, fence, run_at, created_at, max_attempts, state, priority, queue,
            kind, payload)
        SELECT -n, 0, now(), now(), 5, 0, 0, 'q', 'k', 'x' FROM generate_series(1, 200000) AS n;
        DELETE FROM leasehold.job";
    let mut worked = PgConnection::connect(&url).await.unwrap();
    worked.execute(dead).await.unwrap();

    // A caller that is slow to commit.
    let mut caller = PgConnection::connect(&url).await.unwrap();
    let mut slow = caller.begin().await.unwrap();
    let enqueued = store.enqueue_in(&mut slow, &EnqueueBatch::one(job())).await;
    let mut missing = created(enqueued.unwrap());

    let begun = Instant::now();
    let mut late = None::<Instant>;
    while late.is_none_or(|late| late.elapsed() < LATE) {
        assert!(begun.elapsed() < PATIENCE, "no claim began late");
        if late.is_none() && overheard::heard().contains("claims begin late") {
            late = Some(Instant::now());
        }
        let mut left = enqueue(&store, 20).await.len();
        while left > 0 {
            assert!(begun.elapsed() < PATIENCE, "{left} jobs are never claimed");
            let jobs = claim(&store).await;
            finish(&store, &jobs).await;
            left -= jobs.len();
        }
    }

    slow.commit().await.unwrap();
    while !missing.is_empty() {
        assert!(begun.elapsed() < 2 * PATIENCE, "it is passed by for ever");
        missing.extend(enqueue(&store, 10).await);
        let jobs = claim(&store).await;
        missing.retain(|id| !jobs.iter().any(|job| job.id() == *id));
        finish(&store, &jobs).await;
    }
    drop(holder);
}
