//! What other programs see: the function that enqueues, and the views.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use fixtures::bed;
use fixtures::postgres::PostgresCluster;
use queue_core::{
    ClaimRequest, Claimed, Completion, EnqueueBatch, ErrorClass, Failure, Headers, Jitter,
    JobStore, OrderingMode, OutboxStore, Outcome, Payload, PublishBatch, QueueChange, Recipient,
    RetryPolicy, Revision, SettleBatch, Settlement, Transition, decide,
};
use queue_postgres::PostgresStore;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

struct Other {
    store: PostgresStore,
    connection: PgConnection,
}

impl Other {
    async fn new() -> Self {
        let url = PostgresCluster::shared().create_database();
        let store = PostgresStore::connect(&format!("{url}&migrate=true"))
            .await
            .unwrap();
        let connection = PgConnection::connect(&url).await.unwrap();
        Self { store, connection }
    }

    /// What `leasehold.enqueue` answers to these arguments.
    async fn enqueue(&mut self, arguments: &str) -> (i64, String) {
        let sql = format!("SELECT job, outcome FROM leasehold.enqueue({arguments})");
        let row = self.connection.fetch_one(AssertSqlSafe(sql)).await.unwrap();
        (row.get(0), row.get(1))
    }

    async fn refusal(&mut self, arguments: &str) -> String {
        let sql = format!("SELECT leasehold.enqueue({arguments})");
        self.connection
            .fetch_all(AssertSqlSafe(sql))
            .await
            .unwrap_err()
            .to_string()
    }

    async fn text(&mut self, sql: &str) -> Vec<Option<String>> {
        let rows = self
            .connection
            .fetch_all(AssertSqlSafe(sql.to_owned()))
            .await
            .unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    async fn claim(&self) -> Vec<Claimed> {
        let request = ClaimRequest::new(bed::worker("w"), vec![bed::queue("q")], 10).unwrap();
        self.store.claim(request).await.unwrap()
    }

    async fn finish(&self, claimed: &[Claimed]) {
        let finish = |job: &Claimed| Settlement {
            lease: job.lease,
            transition: Transition::Finish(Completion::default()),
        };
        let batch = SettleBatch::new(claimed.iter().map(finish).collect()).unwrap();
        self.store.settle(batch).await.unwrap();
    }
}

#[tokio::test]
async fn a_job_from_sql_is_a_job_like_any_other() {
    let mut other = Other::new().await;
    let (id, outcome) = other
        .enqueue(
            "'q', 'k', '{\"order\": 42}', priority => 2, tenant => 't', headers => '{\"a\": \"b\"}'",
        )
        .await;
    assert_eq!(outcome, "created");
    let claimed = other.claim().await;
    assert_eq!(claimed[0].id().get(), id);
    let value: serde_json::Value = claimed[0].payload.read().unwrap();
    assert_eq!(value["order"], 42);
    assert_eq!((claimed[0].priority.get(), claimed[0].max_attempts), (2, 5));
    assert_eq!(claimed[0].headers.get("a"), Some("b"));
    other
        .enqueue("'q', 'k', run_at => now() + interval '1 hour'")
        .await;
    assert!(other.claim().await.is_empty());
}

#[tokio::test]
async fn a_payload_may_be_anything() {
    let mut other = Other::new().await;
    other
        .enqueue("'q', 'k', body => '\\x00ff', content_type => 'image/png', schema_version => 7")
        .await;
    other
        .enqueue("'q', 'k', '{}', content_type => 'application/vnd.a+json', schema_version => 1")
        .await;
    let claimed = other.claim().await;
    let payloads: Vec<_> = claimed.iter().map(|job| job.payload.clone()).collect();
    let image = Payload::new(&b"\x00\xff"[..], "image/png").unwrap();
    let order = Payload::new(&b"{}"[..], "application/vnd.a+json").unwrap();
    assert_eq!(payloads, [image.version(7), order]);
}

#[tokio::test]
async fn the_same_rules_hold() {
    let mut other = Other::new().await;
    let (first, _) = other.enqueue("'q', 'k', idempotency_key => 'a'").await;
    let again = other.enqueue("'q', 'k', idempotency_key => 'a'").await;
    assert_eq!(again, (first, "duplicate".to_owned()));
    let from_rust = bed::job().idempotent(bed::key("a"));
    let answer = other
        .store
        .enqueue(EnqueueBatch::one(from_rust))
        .await
        .unwrap();
    assert_eq!(answer[0].job().get(), first);

    let about = "'q', 'k', subject => 's', revision => 3";
    let (done, _) = other.enqueue(about).await;
    let claimed = other.claim().await;
    other.finish(&claimed).await;
    assert_eq!(
        other.enqueue(about).await,
        (done, "already_succeeded".to_owned())
    );
    let stale = "'q', 'k', subject => 's', revision => 2, idempotency_key => 'b'";
    assert_eq!(
        other.enqueue(stale).await,
        (done, "stale_revision".to_owned())
    );
    let newer = "'q', 'k', subject => 's', revision => 4, idempotency_key => 'b'";
    assert_eq!(other.enqueue(newer).await.1, "rerun_required");
    let wanted = format!("{newer}, rerun => true");
    assert_eq!(
        other.enqueue(&wanted).await.1,
        "created",
        "the refused ones left no key"
    );
}

#[tokio::test]
async fn turns_are_taken_with_jobs_from_elsewhere() {
    let mut other = Other::new().await;
    let (first, _) = other.enqueue("'q', 'k', ordering_key => 'o'").await;
    let second = bed::job().ordered_by(bed::order("o"));
    let second = other
        .store
        .enqueue(EnqueueBatch::one(second))
        .await
        .unwrap()[0]
        .job();
    other.enqueue("'q', 'k', ordering_key => 'o'").await;
    let claimed = other.claim().await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].id().get(), first);
    other.finish(&claimed).await;
    let claimed = other.claim().await;
    assert_eq!(
        claimed.iter().map(Claimed::id).collect::<Vec<_>>(),
        [second]
    );

    let loose = QueueChange {
        ordering: Some(OrderingMode::Loose),
        ..QueueChange::default()
    };
    other
        .store
        .configure(&bed::queue("q"), loose, &bed::ada())
        .await
        .unwrap();
    other
        .enqueue("'q', 'k', ordering_key => 'p', run_at => now() + interval '1 hour'")
        .await;
    let (sooner, _) = other.enqueue("'q', 'k', ordering_key => 'p'").await;
    let claimed = other.claim().await;
    assert_eq!(
        claimed.iter().map(|job| job.id().get()).collect::<Vec<_>>(),
        [sooner]
    );
}

#[tokio::test]
async fn nonsense_is_refused_in_clear_words() {
    let mut other = Other::new().await;
    for (arguments, words) in [
        ("'no queue', 'k'", "\"no queue\" is not a valid queue name"),
        ("'q', ''", "\"\" is not a valid job kind"),
        ("'q', NULL", "must not be null"),
        ("'q', 'k', priority => 4", "4 is not a priority"),
        (
            "'q', 'k', max_attempts => 0",
            "0 is not a number of attempts",
        ),
        (
            "'q', 'k', subject => 's'",
            "subject and revision go together",
        ),
        (
            "'q', 'k', idempotency_key => E'a\\nb'",
            "is not a valid idempotency key",
        ),
        (
            "'q', 'k', headers => '[]'",
            "headers must be an object of strings",
        ),
        (
            "'q', 'k', headers => '{\"a\": 1}'",
            "headers must be an object of strings",
        ),
        ("'q', 'k', content_type => 'text/plain'", "is not JSON"),
        ("'q', 'k', body => ''", "goes with its content_type"),
        (
            "'q', 'k', '1', body => '', content_type => 'text/plain'",
            "instead of payload",
        ),
        (
            "'q', 'k', content_type => 'json'",
            "is not a valid content type",
        ),
        (
            "'q', 'k', schema_version => -1",
            "-1 is not a schema version",
        ),
        (
            "'q', 'k', to_jsonb(repeat('x', 300000))",
            "the limit is 262144",
        ),
    ] {
        let said = other.refusal(arguments).await;
        assert!(said.contains(words), "{arguments}: {said}");
    }
    assert!(other.claim().await.is_empty());
}

#[tokio::test]
async fn a_trigger_may_enqueue_and_wake() {
    let mut other = Other::new().await;
    other
        .connection
        .execute(
            "CREATE TABLE orders (id int); CREATE FUNCTION placed() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN PERFORM leasehold.enqueue('q', 'k', to_jsonb(NEW), wake => true); RETURN NEW; END $$;
             CREATE TRIGGER placed AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION placed();",
        )
        .await
        .unwrap();
    let mut listener = other.store.wakeups().listen();
    // The store rings once by itself when it has begun to listen; from then on only NOTIFY rings.
    let soon = std::time::Duration::from_secs(30);
    tokio::time::timeout(soon, listener.woken()).await.unwrap();
    other
        .connection
        .execute("BEGIN; INSERT INTO orders VALUES (1); ROLLBACK")
        .await
        .unwrap();
    assert!(!listener.is_woken());
    other
        .connection
        .execute("INSERT INTO orders VALUES (7)")
        .await
        .unwrap();
    tokio::time::timeout(soon, listener.woken()).await.unwrap();
    let claimed = other.claim().await;
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].payload.bytes().as_ref(), br#"{"id": 7}"#);
}

#[tokio::test]
async fn the_views_show_everything_and_survive_any_bytes() {
    let mut other = Other::new().await;
    let broken = Payload::new(&b"{\"a\": \xff"[..], "application/json").unwrap();
    let no_text = Payload::new(&b"{\"a\": \"\\u0000\"}"[..], "application/json").unwrap();
    let image = Payload::new(&b"{}"[..], "image/png").unwrap();
    let fine = Payload::new(&b"{\"a\":1}"[..], "application/vnd.order+json").unwrap();
    let mut jobs = Vec::new();
    for payload in [broken, no_text, image, fine] {
        let mut job = bed::job();
        // The library takes no such header; whatever put it there, one job must not hide the others.
        job.headers = Headers::stored([("a".to_owned(), "b\0".to_owned())].into());
        job.payload = payload;
        jobs.push(job);
    }
    other
        .store
        .enqueue(EnqueueBatch::new(jobs).unwrap())
        .await
        .unwrap();
    let claimed = other.claim().await;
    other.finish(&claimed[..1]).await;
    let payloads = other
        .text("SELECT payload::text FROM leasehold.jobs ORDER BY id")
        .await;
    assert_eq!(payloads, [None, None, None, Some("{\"a\": 1}".to_owned())]);
    let headers = other
        .text("SELECT headers::text FROM leasehold.jobs ORDER BY id")
        .await;
    assert_eq!(headers, [None, None, None, None]);
    let fences = other
        .text("SELECT fence::text FROM leasehold.jobs ORDER BY id")
        .await;
    assert_eq!(fences, vec![Some("1".to_owned()); 4]);
    let states = other
        .text("SELECT state FROM leasehold.jobs ORDER BY id")
        .await;
    let states: Vec<_> = states.iter().flatten().map(String::as_str).collect();
    assert_eq!(states, ["succeeded", "running", "running", "running"]);
    let queues = other
        .text("SELECT queue || ' ' || running || ' ' || ready FROM leasehold.queues")
        .await;
    assert_eq!(queues, [Some("q 3 0".to_owned())]);
}

#[tokio::test]
async fn letters_and_notifications_have_views() {
    let mut other = Other::new().await;
    other.enqueue("'q', 'k', tenant => 't'").await;
    let claimed = other.claim().await;
    let failure = Failure::permanent(ErrorClass::new("AUTH_DENIED").unwrap(), "no");
    let bury = Settlement {
        lease: claimed[0].lease,
        transition: decide(
            Outcome::Failed(failure),
            &claimed[0].progress,
            claimed[0].max_attempts,
            &RetryPolicy::default(),
            Jitter::fixed(0.0),
        ),
    };
    let bury = SettleBatch::new(vec![bury]).unwrap();
    other.store.settle(bury).await.unwrap();
    let letters = other
        .text(
            "SELECT concat_ws(' ', state, version, deaths, replays, queue, kind, tenant, error_class,
                error_text, evidence) FROM leasehold.dead_letters",
        )
        .await;
    let expected = "open 1 1 0 q k t AUTH_DENIED no 0".to_owned();
    assert_eq!(letters, [Some(expected)]);

    let mut told = bed::message("ünal@example.org");
    told.intent.revision = Revision::new(-7);
    let batch = PublishBatch::new(vec![told.clone()]).unwrap();
    other.store.publish(batch).await.unwrap();
    let notifications = other
        .text("SELECT concat_ws(' ', state, phase, recipient, revision, provider_key) FROM leasehold.notifications")
        .await;
    let key = told.intent.provider_key();
    let expected = format!("pending leased ünal@example.org -7 {key}");
    assert_eq!(notifications, [Some(expected)]);

    let redirected = "UPDATE leasehold.notification SET redirected_to = 'x@example.org', state = 2,
        doubted_at = '2026-01-31 12:00:00+00'";
    other.connection.execute(redirected).await.unwrap();
    told.intent.recipient = Recipient::new("x@example.org").unwrap();
    let shown = other
        .text(
            "SELECT concat_ws(' ', recipient, redirected_to, provider_key,
                in_doubt_since AT TIME ZONE 'UTC') FROM leasehold.notifications",
        )
        .await;
    let key = told.intent.provider_key();
    let expected = format!("ünal@example.org x@example.org {key} 2026-01-31 12:00:00");
    assert_eq!(shown, [Some(expected)]);
}

#[tokio::test]
async fn the_audit_trail_cannot_be_rewritten() {
    let mut other = Other::new().await;
    let pause = QueueChange {
        paused: Some(true),
        ..QueueChange::default()
    };
    other
        .store
        .configure(&bed::queue("q"), pause, &bed::ada())
        .await
        .unwrap();
    for forgery in [
        "UPDATE leasehold.audit SET actor = 'bob'",
        "DELETE FROM leasehold.audit",
        "TRUNCATE leasehold.audit",
    ] {
        let error = other.connection.execute(forgery).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{error}");
    }
}

#[tokio::test]
async fn the_audit_trail_goes_only_up_to_a_checkpoint() {
    let mut other = Other::new().await;
    for paused in [true, false, true] {
        let pause = queue_core::QueueChange {
            paused: Some(paused),
            ..Default::default()
        };
        let q = bed::queue("q");
        other.store.configure(&q, pause, &bed::ada()).await.unwrap();
    }
    let seal = |seq: &str, hash: &str| {
        format!(
            "INSERT INTO leasehold.audit_checkpoint
             SELECT {seq}, {hash}, at, 'k', '00', 'x' FROM leasehold.audit WHERE seq = 2"
        )
    };
    let steps = [
        (seal("seq", "'made up'"), "no such record"),
        (seal("99", "hash"), "no such record"),
        (seal("seq", "hash"), ""),
        (seal("seq", "hash"), "no such record"),
        (
            "UPDATE leasehold.audit_checkpoint SET seq = 3".into(),
            "stay",
        ),
        ("DELETE FROM leasehold.audit_checkpoint".into(), "stay"),
        ("TRUNCATE leasehold.audit_checkpoint".into(), "stay"),
        ("DELETE FROM leasehold.audit".into(), "append-only"),
        (
            "DELETE FROM leasehold.audit WHERE seq = 3".into(),
            "append-only",
        ),
        (
            "UPDATE leasehold.audit SET actor = 'bob' WHERE seq = 1".into(),
            "append-only",
        ),
        ("TRUNCATE leasehold.audit".into(), "append-only"),
        ("DELETE FROM leasehold.audit WHERE seq <= 2".into(), ""),
    ];
    for (text, refused) in steps {
        let done = other
            .connection
            .execute(sqlx::AssertSqlSafe(text.clone()))
            .await;
        match done {
            Ok(_) => assert_eq!(refused, "", "{text}"),
            Err(error) => {
                let error = error.to_string();
                assert!(
                    !refused.is_empty() && error.contains(refused),
                    "{text}: {error}"
                );
            }
        }
    }
}
