//! What people and other languages see and do by plain SQL.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::path::PathBuf;

use fixtures::bed::{job, key, order, queue, worker};
use queue_core::{
    Act, Actor, ClaimRequest, Claimed, Completion, EnqueueBatch, Enqueued, JobId, JobStore,
    OrderingMode, Priority, QueueChange, SettleBatch, Transition,
};
use queue_sqlite::SqliteStore;
use rusqlite::Connection;

struct Sql {
    store: SqliteStore,
    conn: Connection,
    _dir: tempfile::TempDir,
}

async fn sql() -> Sql {
    let dir = tempfile::tempdir().unwrap();
    let path: PathBuf = dir.path().join("jobs.db");
    let store = SqliteStore::open(&path).await.unwrap();
    let conn = Connection::open(path).unwrap();
    Sql {
        store,
        conn,
        _dir: dir,
    }
}

impl Sql {
    /// Inserts a row and says whether it became a job.
    fn insert(&self, columns: &str, values: &str) -> Result<bool, String> {
        let next = || {
            self.conn
                .query_row("SELECT next_job FROM leasehold_meta", [], |row| {
                    row.get::<_, i64>(0)
                })
                .unwrap()
        };
        let before = next();
        self.conn
            .execute_batch(&format!(
                "INSERT INTO leasehold_enqueue (queue, kind, payload{columns}) VALUES ('q', 'k', '1'{values})"
            ))
            .map_err(|error| error.to_string())?;
        Ok(next() > before)
    }

    async fn claim(&self) -> Vec<Claimed> {
        let request = ClaimRequest::new(worker("w"), vec![queue("q")], 10).unwrap();
        self.store.claim(request).await.unwrap()
    }

    async fn claim_ids(&self) -> Vec<i64> {
        self.claim()
            .await
            .iter()
            .map(|job| job.id().get())
            .collect()
    }

    fn text(&self, query: &str) -> String {
        self.conn
            .query_row(query, [], |row| row.get::<_, String>(0))
            .unwrap()
    }
}

#[tokio::test]
async fn an_inserted_row_is_a_job_like_any_other() {
    let sql = sql().await;
    let mut listener = sql.store.wakeups().listen();
    sql.insert(
        ", priority, tenant, max_attempts, headers, subject, revision",
        r#", 2, 't', 9, '{"correlation_id": "c-1"}', 's', 7"#,
    )
    .unwrap();
    sql.conn
        .execute(
            "INSERT INTO leasehold_enqueue (queue, kind, payload, content_type, schema_version)
             VALUES ('q', 'k', x'00ff', 'image/png', 3)",
            [],
        )
        .unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(60), listener.woken())
        .await
        .expect("idle workers hear of it");
    let claimed = sql.claim().await;
    let first = &claimed[0];
    assert_eq!(first.payload.bytes().as_ref(), b"1");
    assert_eq!(first.payload.content_type(), "application/json");
    assert_eq!(first.priority, Priority::new(2).unwrap());
    assert_eq!(first.tenant.as_ref().unwrap().as_str(), "t");
    assert_eq!(first.max_attempts, 9);
    assert_eq!(first.headers.get("correlation_id"), Some("c-1"));
    assert_eq!(first.subject.as_ref().unwrap().1.get(), 7);
    let second = &claimed[1].payload;
    assert_eq!(second.bytes().as_ref(), [0, 0xff]);
    assert_eq!(
        (second.content_type(), second.schema_version()),
        ("image/png", 3)
    );
    // The numbers of both ways do not collide.
    let third = sql.store.enqueue(EnqueueBatch::one(job())).await.unwrap();
    assert_eq!(third, [Enqueued::Created(JobId::new(3))]);
}

#[tokio::test]
async fn a_remembered_key_is_skipped_from_either_side() {
    let sql = sql().await;
    assert!(sql.insert(", idempotency_key", ", 'a'").unwrap());
    assert!(!sql.insert(", idempotency_key", ", 'a'").unwrap());
    assert!(sql.insert(", idempotency_key", ", 'b'").unwrap());
    let one = |name| EnqueueBatch::one(job().idempotent(key(name)));
    let known = sql.store.enqueue(one("a")).await.unwrap();
    assert_eq!(known, [Enqueued::Duplicate(JobId::new(1))]);
    sql.store.enqueue(one("c")).await.unwrap();
    assert!(!sql.insert(", idempotency_key", ", 'c'").unwrap());
    // One row of many is skipped, not all of them.
    sql.conn
        .execute_batch(
            "INSERT INTO leasehold_enqueue (queue, kind, payload, idempotency_key)
             VALUES ('q', 'k', '1', 'x'), ('q', 'k', '1', 'a'), ('q', 'k', '1', 'y')",
        )
        .unwrap();
    assert_eq!(sql.claim_ids().await.len(), 5);
}

#[tokio::test]
async fn revisions_are_judged() {
    let sql = sql().await;
    sql.insert(", subject, revision", ", 's', 5").unwrap();
    let claimed = sql.claim().await;
    let done = Transition::Finish(Completion::default());
    sql.store
        .settle(SettleBatch::one(claimed[0].lease, done).unwrap())
        .await
        .unwrap();
    assert!(!sql.insert(", subject, revision", ", 's', 5").unwrap());
    let stale = sql.insert(", subject, revision", ", 's', 4").unwrap_err();
    assert!(stale.contains("stale_revision"), "{stale}");
    let again = sql.insert(", subject, revision", ", 's', 6").unwrap_err();
    assert!(again.contains("set rerun to 1"), "{again}");
    assert!(
        sql.insert(", subject, revision, rerun", ", 's', 6, 1")
            .unwrap()
    );
}

#[tokio::test]
async fn jobs_of_one_key_line_up() {
    let sql = sql().await;
    for _ in 0..2 {
        sql.insert(", ordering_key", ", 'o'").unwrap();
    }
    let third = EnqueueBatch::one(job().ordered_by(order("o")));
    sql.store.enqueue(third).await.unwrap();
    for expected in 1..=3 {
        let claimed = sql.claim().await;
        assert_eq!(claimed.len(), 1);
        assert_eq!(claimed[0].id().get(), expected);
        let done = Transition::Finish(Completion::default());
        sql.store
            .settle(SettleBatch::one(claimed[0].lease, done).unwrap())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn in_loose_mode_one_that_is_due_goes_first() {
    let sql = sql().await;
    let loose = QueueChange {
        ordering: Some(OrderingMode::Loose),
        ..QueueChange::default()
    };
    let act = Act::new(Actor::new("ada").unwrap(), "test");
    sql.store.configure(&queue("q"), loose, &act).await.unwrap();
    sql.insert(", ordering_key, run_at", ", 'o', '2999-01-01T00:00:00Z'")
        .unwrap();
    sql.insert(", ordering_key", ", 'o'").unwrap();
    assert!(
        sql.store
            .job(JobId::new(1))
            .await
            .unwrap()
            .unwrap()
            .waits_for_turn
    );
    assert_eq!(sql.claim_ids().await, [2]);
    // The next one that comes in waits for the running one.
    sql.insert(", ordering_key", ", 'o'").unwrap();
    assert!(sql.claim_ids().await.is_empty());
}

#[tokio::test]
async fn times_are_taken_in_two_forms() {
    let sql = sql().await;
    sql.insert(", run_at", ", '2999-01-02T03:04:05Z'").unwrap();
    sql.insert(", run_at", ", 32475258245000000").unwrap();
    sql.insert(", run_at", ", '2001-01-01'").unwrap();
    let run_at = |id| format!("SELECT run_at FROM leasehold_jobs WHERE id = {id}");
    assert_eq!(sql.text(&run_at(1)), "2999-01-02T03:04:05.000Z");
    assert_eq!(sql.text(&run_at(2)), "2999-02-06T01:04:05.000Z");
    assert_eq!(sql.claim_ids().await, [3], "a moment in the past is now");
}

#[tokio::test]
async fn what_is_not_valid_is_refused_with_what_to_write() {
    let sql = sql().await;
    for (columns, values, needle) in [
        (", priority", ", 4", "from -3 (last) to 3 (first)"),
        (", priority", ", '1'", "from -3 (last) to 3 (first)"),
        (", max_attempts", ", 0", "from 1 to 32767"),
        (", run_at", ", 'tomorrow'", "write a time in UTC"),
        (", run_at", ", '2026'", "write a time in UTC"),
        (", run_at", ", 1764000000", "microseconds since 1970"),
        (", tenant", ", 'a b'", "write 1 to 128 characters"),
        (", tenant", ", ''", "write 1 to 128 characters"),
        (
            ", ordering_key",
            ", 'a' || char(7)",
            "without control characters",
        ),
        (
            ", subject, revision",
            ", 'a' || char(0) || 'b', 1",
            "without control",
        ),
        (
            ", idempotency_key",
            ", replace(hex(zeroblob(101)), '0', 'x')",
            "1 to 200 bytes",
        ),
        (", subject", ", 's'", "subject and revision go together"),
        (", revision", ", 1", "subject and revision go together"),
        (", headers", ", '[1]'", "write a JSON object of strings"),
        (
            ", headers",
            ", '{\"a\": 1}'",
            "write a JSON object of strings",
        ),
        (", content_type", ", 'png'", "write type/subtype"),
        (", key_retention", ", -1", "write a number of seconds"),
    ] {
        let error = sql.insert(columns, values).unwrap_err();
        assert!(error.contains(needle), "{columns} {values}: {error}");
    }
    for (row, needle) in [
        ("('a b', 'k', '1')", "queue is not a valid queue name"),
        ("('q', NULL, '1')", "kind is not a valid job kind"),
        (
            "('q', 'k', '{')",
            "payload is not JSON: give its content_type",
        ),
        ("('q', 'k', NULL)", "payload: write text or a blob"),
        ("('q', 'k', 1)", "payload: write text or a blob"),
    ] {
        let insert = format!("INSERT INTO leasehold_enqueue (queue, kind, payload) VALUES {row}");
        let error = sql.conn.execute_batch(&insert).unwrap_err().to_string();
        assert!(error.contains(needle), "{row}: {error}");
    }
    assert!(sql.claim_ids().await.is_empty());
}

#[tokio::test]
async fn the_views_show_a_job_wherever_it_is() {
    let sql = sql().await;
    let state = |id| sql.text(&format!("SELECT state FROM leasehold_jobs WHERE id = {id}"));
    for _ in 0..3 {
        sql.insert("", "").unwrap();
    }
    assert_eq!(state(1), "queued");
    let claimed = sql.claim().await;
    assert_eq!(state(1), "running");
    let finish = |result: &str| {
        Transition::Finish(Completion {
            result: Some(queue_core::Payload::json(result).unwrap()),
            ..Completion::default()
        })
    };
    let failure = queue_core::Failure::permanent(fixtures::bed::class("BROKEN"), "it broke");
    let bury = Transition::Bury(queue_core::Burial {
        failure,
        progress: claimed[1].progress.clone(),
        notifications: vec![fixtures::bed::message("a@example.org")],
        raises: Vec::new(),
        raises_again: Vec::new(),
    });
    for (job, transition) in claimed.iter().zip([finish("ok"), bury]) {
        sql.store
            .settle(SettleBatch::one(job.lease, transition).unwrap())
            .await
            .unwrap();
    }
    assert_eq!((state(1), state(2)), ("succeeded".into(), "dead".into()));
    assert_eq!(
        sql.text("SELECT result || payload || fence FROM leasehold_jobs WHERE id = 1"),
        "\"ok\"11"
    );
    assert_eq!(
        sql.text("SELECT state || ' ' || error_class || ' ' || queue FROM leasehold_dead_letters"),
        "open BROKEN q"
    );
    assert_eq!(
        sql.text("SELECT state || ' ' || recipient || ' ' || job FROM leasehold_notifications"),
        "pending a@example.org 2"
    );
    assert_eq!(
        sql.text("SELECT queue || ready || running || waiting || ordering FROM leasehold_queues"),
        "q010strict"
    );
}

#[tokio::test]
async fn the_audit_trail_cannot_be_rewritten() {
    let sql = sql().await;
    let pause = QueueChange {
        paused: Some(true),
        ..QueueChange::default()
    };
    let ada = Act::new(Actor::new("ada").unwrap(), "OPS-17");
    sql.store.configure(&queue("q"), pause, &ada).await.unwrap();
    for forgery in [
        "UPDATE leasehold_audit SET actor = 'bob'",
        "DELETE FROM leasehold_audit",
        "REPLACE INTO leasehold_audit SELECT seq, at, 'bob', reason, action, target, detail, previous, hash
         FROM leasehold_audit",
    ] {
        let error = sql.conn.execute_batch(forgery).unwrap_err().to_string();
        assert!(error.contains("append-only"), "{forgery}: {error}");
    }
}

#[tokio::test]
async fn the_audit_trail_goes_only_up_to_a_checkpoint() {
    let sql = sql().await;
    let ada = Act::new(Actor::new("ada").unwrap(), "OPS-17");
    for paused in [true, false, true] {
        let pause = QueueChange {
            paused: Some(paused),
            ..QueueChange::default()
        };
        sql.store.configure(&queue("q"), pause, &ada).await.unwrap();
    }
    let refused = |text: &str, why: &str| {
        let error = sql.conn.execute_batch(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    };
    let seal = |seq: &str, hash: &str| {
        format!(
            "INSERT INTO leasehold_audit_checkpoint
             SELECT {seq}, {hash}, at, 'k', '00', 'x' FROM leasehold_audit WHERE seq = 2"
        )
    };
    refused(&seal("seq", "'made up'"), "no such record");
    refused(&seal("99", "hash"), "no such record");
    sql.conn.execute_batch(&seal("seq", "hash")).unwrap();
    refused(&seal("seq", "hash"), "no such record");
    refused("UPDATE leasehold_audit_checkpoint SET seq = 3", "stay");
    refused("DELETE FROM leasehold_audit_checkpoint", "stay");
    refused("DELETE FROM leasehold_audit", "append-only");
    refused("DELETE FROM leasehold_audit WHERE seq = 3", "append-only");
    refused(
        "UPDATE leasehold_audit SET actor = 'bob' WHERE seq = 1",
        "append-only",
    );
    let gone = sql
        .conn
        .execute("DELETE FROM leasehold_audit WHERE seq <= 2", []);
    assert_eq!(gone.unwrap(), 2);
    refused(
        "INSERT INTO leasehold_audit SELECT 1, at, actor, reason, action, target, detail, previous, hash
         FROM leasehold_audit",
        "append-only",
    );
}
