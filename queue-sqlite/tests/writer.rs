//! The writer thread: groups, callers that go away, wake-ups, time.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use fixtures::bed::{ada, decided, job, key, kind, queue, worker};
use futures::FutureExt;
use queue_core::{
    ClaimRequest, Clock, EnqueueBatch, Enqueued, JobState, JobStore, ManualClock, Outcome, Page,
    QueueChange, SettleBatch, Timestamp,
};
use queue_sqlite::{SqliteOptions, SqliteStore, Synchronous};
use rusqlite::{Connection, Transaction, TransactionBehavior};

fn place() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    (dir, path)
}

fn request() -> ClaimRequest {
    ClaimRequest::new(worker("w"), vec![queue("q")], 10).unwrap()
}

/// Holds the writer up: what is asked meanwhile stands in its queue.
fn hold(conn: &mut Connection) -> Transaction<'_> {
    conn.transaction_with_behavior(TransactionBehavior::Immediate)
        .unwrap()
}

/// Sees that all of these stand in the writer's queue: a call is made when it is first polled.
fn all_asked<F: Future + Unpin>(calls: &mut [F]) {
    for call in calls {
        assert!(call.now_or_never().is_none());
    }
}

/// How many frames the write-ahead log has: commits of small groups cost some each.
fn log_bytes(path: &Path) -> u64 {
    let wal = path.with_file_name("jobs.db-wal");
    std::fs::metadata(wal).unwrap().len()
}

#[tokio::test]
async fn what_is_asked_at_the_same_time_shares_a_commit() {
    let (_dir, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let mut conn = Connection::open(&path).unwrap();
    let tx = hold(&mut conn);
    let before = log_bytes(&path);
    let mut asked: Vec<_> = (0..201)
        .map(|_| store.enqueue(EnqueueBatch::one(job())))
        .collect();
    all_asked(&mut asked);
    tx.rollback().unwrap();
    for answer in futures::future::join_all(asked).await {
        answer.unwrap();
    }
    // One commit each would be 200 times four pages at least.
    let pages = (log_bytes(&path) - before) / 4096;
    assert!(pages < 100, "{pages} pages were written");
    assert_eq!(
        store.live(Page::first(1000).unwrap()).await.unwrap().len(),
        201
    );
}

#[tokio::test]
async fn a_failed_request_does_not_hurt_the_others_of_its_group() {
    let (_dir, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    // A trap: jobs of this kind cannot be stored.
    let mut conn = Connection::open(&path).unwrap();
    conn.execute_batch(
        "CREATE TRIGGER leasehold_trap BEFORE INSERT ON leasehold_job WHEN NEW.kind = 'trap'
         BEGIN SELECT RAISE(ABORT, 'trapped'); END",
    )
    .unwrap();
    let tx = hold(&mut conn);
    let trapped = |n: u32| {
        let mut second = job();
        if n.is_multiple_of(2) {
            second.kind = fixtures::bed::kind("trap");
        }
        let first = job().idempotent(key(&format!("{n}")));
        EnqueueBatch::new(vec![first, second]).unwrap()
    };
    let mut asked: Vec<_> = (0..20).map(|n| store.enqueue(trapped(n))).collect();
    all_asked(&mut asked);
    tx.rollback().unwrap();
    for (n, answer) in futures::future::join_all(asked).await.iter().enumerate() {
        assert_eq!(answer.is_err(), n % 2 == 0, "{n}: {answer:?}");
    }
    // All or none of each: the first job of a failed batch is not there either.
    assert_eq!(
        store.live(Page::first(1000).unwrap()).await.unwrap().len(),
        20
    );
    conn.execute_batch("DROP TRIGGER leasehold_trap").unwrap();
    let again = store.enqueue(trapped(0)).await.unwrap();
    assert!(again.iter().all(|answer| answer.created().is_some()));
}

#[tokio::test]
async fn a_request_whose_caller_went_away_is_not_carried_out() {
    let (_dir, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let mut conn = Connection::open(&path).unwrap();
    let tx = hold(&mut conn);
    // The first one occupies the writer, the second one waits behind it.
    let mut asked = vec![
        store.enqueue(EnqueueBatch::one(job())),
        store.enqueue(EnqueueBatch::one(job().idempotent(key("a")))),
    ];
    all_asked(&mut asked);
    drop(asked.pop());
    tx.rollback().unwrap();
    asked.pop().unwrap().await.unwrap();
    let third = store
        .enqueue(EnqueueBatch::one(job().idempotent(key("a"))))
        .await
        .unwrap();
    assert!(matches!(third[0], Enqueued::Created(_)));
}

#[tokio::test]
async fn a_claim_whose_caller_went_away_gives_its_jobs_back() {
    let (_dir, path) = place();
    let clock = ManualClock::default();
    let store = SqliteOptions::new(&path)
        .clock(Clock::Manual(clock))
        .open()
        .await
        .unwrap();
    let id = store.enqueue(EnqueueBatch::one(job())).await.unwrap()[0].job();
    // Polled once and dropped when its answer may be anywhere on the way.
    for pause in (0..200).map(|n| Duration::from_micros(n * 20)) {
        let mut claim = store.claim(request());
        match claim.as_mut().now_or_never() {
            None => std::thread::sleep(pause),
            // The writer was quicker than this thread: what arrived is ours to give back.
            Some(arrived) => {
                for job in arrived.unwrap() {
                    let back = decided(&job, Outcome::Released);
                    let batch = SettleBatch::one(job.lease, back).unwrap();
                    store.settle(batch).await.unwrap();
                }
            }
        }
        drop(claim);
    }
    let claimed = loop {
        let claimed = store.claim(request()).await.unwrap();
        if !claimed.is_empty() {
            break claimed;
        }
    };
    assert_eq!(claimed[0].id(), id);
    assert_eq!(claimed[0].progress.attempt, 1, "no attempt was consumed");
    assert!(claimed[0].lease.fence().get() > 1, "some had been claimed");
}

#[tokio::test]
async fn listeners_hear_what_this_and_other_processes_make_claimable() {
    let (_dir, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let other = SqliteStore::open(&path).await.unwrap();
    let mut listener = store.wakeups().listen();
    let soon = Duration::from_secs(60);
    // Several times: when the watcher begins to watch, it may ring once for nothing.
    for _ in 0..3 {
        other.enqueue(EnqueueBatch::one(job())).await.unwrap();
        tokio::time::timeout(soon, listener.woken()).await.unwrap();
    }
    store.enqueue(EnqueueBatch::one(job())).await.unwrap();
    tokio::time::timeout(soon, listener.woken()).await.unwrap();

    // What every process watches for: a claim, a job for later and an empty claim are no news.
    let conn = Connection::open(&path).unwrap();
    let news = || -> i64 {
        conn.query_row("SELECT wake FROM leasehold_meta", [], |row| row.get(0))
            .unwrap()
    };
    let before = news();
    other.claim(request()).await.unwrap();
    let later = job().delay(Duration::from_secs(3600));
    other.enqueue(EnqueueBatch::one(later)).await.unwrap();
    store.claim(request()).await.unwrap();
    assert_eq!(news(), before);
    let resume = QueueChange {
        paused: Some(false),
        ..QueueChange::default()
    };
    other.configure(&queue("q"), resume, &ada()).await.unwrap();
    assert!(news() > before);
    tokio::time::timeout(soon, listener.woken()).await.unwrap();
}

#[tokio::test]
async fn an_empty_claim_writes_nothing() {
    let (_dir, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    store.claim(request()).await.unwrap();
    let before = log_bytes(&path);
    for _ in 0..20 {
        store.claim(request()).await.unwrap();
    }
    assert_eq!(log_bytes(&path), before);
}

#[tokio::test]
async fn time_never_runs_behind_what_the_database_has_seen() {
    let (_dir, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    store.enqueue(EnqueueBatch::one(job())).await.unwrap();
    drop(store);
    let conn = Connection::open(&path).unwrap();
    let mark: i64 = conn
        .query_row("SELECT clock FROM leasehold_meta", [], |row| row.get(0))
        .unwrap();
    let lag = Timestamp::of_this_host().since(Timestamp::from_micros(mark));
    assert!(lag < Duration::from_secs(60), "{lag:?}");
    // As if the host's clock had been put back by a day since.
    let day = 24 * 3_600_000_000_i64;
    conn.execute("UPDATE leasehold_meta SET clock = clock + ?1", [day])
        .unwrap();
    let store = SqliteStore::open(&path).await.unwrap();
    let now = store.now().await.unwrap();
    assert!(now >= Timestamp::from_micros(mark + day));
    let id = store.enqueue(EnqueueBatch::one(job())).await.unwrap()[0].job();
    let created = store.job(id).await.unwrap().unwrap().created_at;
    assert!(created >= now, "and it goes on from there");
}

#[tokio::test]
async fn a_manual_clock_leaves_no_mark() {
    let (_dir, path) = place();
    let clock = ManualClock::at(Timestamp::from_micros(4_000_000_000_000_000));
    let options = SqliteOptions::new(&path).synchronous(Synchronous::Normal);
    let store = options
        .clone()
        .clock(Clock::Manual(clock))
        .open()
        .await
        .unwrap();
    store.enqueue(EnqueueBatch::one(job())).await.unwrap();
    let real = options.open().await.unwrap();
    assert!(real.now().await.unwrap() < Timestamp::from_micros(4_000_000_000_000_000));
}

#[test]
fn no_runtime_of_a_particular_kind_is_needed() {
    let (_dir, path) = place();
    futures::executor::block_on(async {
        let store = SqliteStore::open(&path).await.unwrap();
        let id = store.enqueue(EnqueueBatch::one(job())).await.unwrap()[0].job();
        let view = store.job(id).await.unwrap().unwrap();
        assert_eq!(view.state, JobState::Queued);
    });
}

#[tokio::test]
async fn who_waits_for_jobs_gets_them_in_the_transaction_that_brings_them() {
    let (_dir, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let mut first = store.claim_fresh(request());
    let mut second = store.claim_fresh(request());
    all_asked(&mut [&mut first, &mut second]);
    // Behind them in the line: when this is answered, both have looked and found nothing.
    assert!(store.claim(request()).await.unwrap().is_empty());
    store.enqueue(EnqueueBatch::one(job())).await.unwrap();
    // From now on nobody commits: what is not claimed yet will not be.
    let mut conn = Connection::open(&path).unwrap();
    let tx = hold(&mut conn);
    let patience = Duration::from_secs(10);
    let claimed = tokio::time::timeout(patience, first)
        .await
        .unwrap()
        .unwrap();
    tx.rollback().unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].lease.fence().get(), 1);
    assert!(
        (&mut second).now_or_never().is_none(),
        "there was one job only"
    );

    // What comes to nothing serves nobody.
    let mut refused = job();
    refused.run_at = queue_core::RunAt::In(Duration::from_secs(60));
    store.enqueue(EnqueueBatch::one(refused)).await.unwrap();
    assert!((&mut second).now_or_never().is_none());
    store
        .enqueue(EnqueueBatch::new(vec![job(); 12]).unwrap())
        .await
        .unwrap();
    assert_eq!(second.await.unwrap().len(), 10, "as many as were asked for");
    assert_eq!(store.claim(request()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn who_does_not_wait_any_longer_gets_nothing() {
    let (_dir, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let mut gone = store.claim_fresh(request());
    all_asked(&mut [&mut gone]);
    assert!(store.claim(request()).await.unwrap().is_empty());
    drop(gone);
    let id = store.enqueue(EnqueueBatch::one(job())).await.unwrap()[0].job();
    let view = store.job(id).await.unwrap().unwrap();
    assert_eq!((view.state, view.fence.get()), (JobState::Queued, 0));

    let mut late = store.claim_fresh(request().kinds(vec![kind("other")]).unwrap());
    assert!((&mut late).now_or_never().is_none());
    let mut other = job();
    other.kind = kind("other");
    let id = store.enqueue(EnqueueBatch::one(other)).await.unwrap()[0].job();
    // It was served, and did not hear of it: the job goes back.
    let view = store.job(id).await.unwrap().unwrap();
    assert_eq!(view.state, JobState::Running);
    drop(late);
    let claimed = store.claim(request()).await.unwrap();
    let again = claimed.iter().find(|job| job.id() == id).unwrap();
    assert_eq!((again.progress.attempt, again.lease.fence().get()), (1, 2));
}

#[tokio::test]
async fn what_others_enqueue_is_left_to_a_look() {
    let (_dir, path) = place();
    let store = SqliteStore::open(&path).await.unwrap();
    let mut waiting = store.claim_fresh(request());
    all_asked(&mut [&mut waiting]);
    assert!(store.claim(request()).await.unwrap().is_empty());
    let conn = Connection::open(&path).unwrap();
    let sql = "INSERT INTO leasehold_enqueue (queue, kind, payload) VALUES ('q', 'k', '1')";
    conn.execute(sql, []).unwrap();
    assert_eq!(store.claim(request()).await.unwrap().len(), 1);
    assert!((&mut waiting).now_or_never().is_none());
}
