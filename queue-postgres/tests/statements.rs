//! Every statement against the real schema: that it prepares, is used, is short, and by what plan
//! the busy ones run.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test reports"
)]

use fixtures::postgres::PostgresCluster;
use fixtures::statements::{assert_short_and_used, statements};
use queue_postgres::PostgresOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

async fn migrated() -> PgConnection {
    let url = PostgresCluster::shared().create_database();
    PostgresOptions::new(&url).unwrap().migrate().await.unwrap();
    PgConnection::connect(&url).await.unwrap()
}

#[tokio::test]
async fn every_statement_prepares() {
    let mut connection = migrated().await;
    for (name, (_, text)) in statements(HERE) {
        if text.contains("FROM STDIN") {
            // Nothing else prepares it: the server parses it, and then hears that nothing comes.
            let copy = connection.copy_in_raw(&text).await.unwrap();
            copy.abort("it was only tried").await.unwrap();
            continue;
        }
        let prepare = AssertSqlSafe(format!("PREPARE {name} AS {text}"));
        if let Err(error) = connection.execute(prepare).await {
            panic!("{name}: {error}");
        }
    }
}

#[test]
fn every_statement_is_short_and_used() {
    assert_short_and_used(HERE);
}

/// A table with much in it, its statistics as autovacuum would have made them.
async fn crowded() -> PgConnection {
    let mut connection = migrated().await;
    let fill =
        "INSERT INTO leasehold.job (id, fence, run_at, created_at, lease_expires_at, max_attempts,
            state, priority, queue, kind, tenant, payload)
        SELECT n, 1, now(), now(), CASE WHEN n % 2 = 0 THEN now() + interval '1 hour' END, 5,
            CASE WHEN n % 2 = 0 THEN 1 ELSE 0 END, n % 7 - 3, 'q' || n % 5, 'k', 't' || n % 11, 'x'
        FROM generate_series(1, 50000) AS n; ANALYZE leasehold.job";
    connection.execute(fill).await.unwrap();
    connection
}

async fn plan(connection: &mut PgConnection, name: &str, arguments: &str) -> String {
    let (_, text) = statements(HERE).remove(name).unwrap();
    let prepare = format!("DEALLOCATE ALL; PREPARE {name} AS {text}");
    connection.execute(AssertSqlSafe(prepare)).await.unwrap();
    let explain = format!("EXPLAIN EXECUTE {name} ({arguments})");
    let rows = connection.fetch_all(AssertSqlSafe(explain)).await.unwrap();
    rows.iter()
        .map(|row| row.get::<String, _>(0) + "\n")
        .collect()
}

/// An array of so many times what is asked for.
fn array(of: impl Fn(i32) -> i32) -> String {
    let values: Vec<_> = (1..=300).map(|n| of(n).to_string()).collect();
    format!("'{{{}}}'", values.join(","))
}

/// What a claim is given that begins late.
fn late(kinds: &str, limit: u32) -> String {
    format!(
        "NULL, '{{q1,q1,q1}}', '{{3,0,-3}}', '{kinds}', {limit}, 30000000, 'w', false, \
         '{{-infinity,-infinity,-infinity}}', '{{0,0,0}}'"
    )
}

/// The busy statements, with arguments as a worker would give them, and the index they are to use.
fn busy() -> Vec<(&'static str, String, &'static str)> {
    let ids = format!("{}, {}", array(|n| 2 * n), array(|_| 1));
    vec![
        (
            "claim_ready",
            "NULL, '{q1,q1,q1}', '{3,0,-3}', '{k}', 300, 30000000, 'w', false".to_owned(),
            "job_ready",
        ),
        ("claim_late", late("{k}", 300), "job_ready"),
        (
            "claim_lane",
            "now(), 'q1', '{t1,t2}', '{3,0,-3}', '{k}', 5, 30000000, 'w'".to_owned(),
            "job_tenant",
        ),
        (
            "settle_finish",
            format!("{ids}, NULL, true, NULL, NULL, NULL"),
            "job_pkey",
        ),
        (
            "settle_requeue",
            format!(
                "{ids}, NULL, true, NULL, NULL, NULL, {}, NULL, NULL, NULL, 3",
                array(|_| 0)
            ),
            "job_pkey",
        ),
        ("settle_lock_held", ids.clone(), "job_pkey"),
        ("settle_lock_expired", ids.clone(), "job_pkey"),
        ("renew", format!("{ids}, NULL, 30000000"), "job_pkey"),
        (
            "renew_reporting",
            format!("{ids}, NULL, 30000000, NULL, NULL, NULL"),
            "job_pkey",
        ),
        ("sweep_expired", "NULL, 1000".to_owned(), "job_lease"),
        ("queues_running", "'q1', now(), 100".to_owned(), "job_lease"),
        (
            "turn_first_due",
            "'q1', 'o', now(), '{3,0,-3}'".to_owned(),
            "job_line_loose",
        ),
        (
            "outbox_lease",
            "NULL, 'w', 30000000, 100".to_owned(),
            "notification_channel",
        ),
        (
            "outbox_lease_channels",
            "NULL, 'w', 30000000, 100, '{c}'".to_owned(),
            "notification_channel",
        ),
        (
            "outbox_look",
            "NULL, '{c}', 100, 30000000".to_owned(),
            "notification_look",
        ),
        ("jobs_end", "0, 10000".to_owned(), "job_pkey"),
        (
            "jobs_page",
            "0, 10000, 15, 'q1', NULL, NULL, 51, now(), NULL, 'broke'".to_owned(),
            "job_pkey",
        ),
        (
            "stats_queue",
            "'q1', NULL, '{3,0,-3}', 10000".to_owned(),
            "job_ready",
        ),
        (
            "stats_kinds",
            "'q1', NULL, '{3,0,-3}', 10000".to_owned(),
            "job_ready",
        ),
    ]
}

/// What our own connections set; a caller's own transaction has the server's defaults.
async fn as_ours(connection: &mut PgConnection) {
    connection
        .execute("SET enable_seqscan = off; SET jit = off")
        .await
        .unwrap();
}

fn check(name: &str, index: &str, plan: &str) {
    assert!(!plan.contains("Seq Scan on job"), "{name}:\n{plan}");
    assert!(plan.contains(index), "{name}:\n{plan}");
    if index == "job_pkey" {
        assert!(
            !plan.contains("job_lease"),
            "{name} scans all that runs:\n{plan}"
        );
    }
}

#[tokio::test]
async fn the_busy_statements_never_scan_the_table() {
    let mut connection = crowded().await;
    for settings in [
        "SET plan_cache_mode = force_custom_plan",
        "SET plan_cache_mode = force_generic_plan",
    ] {
        connection.execute("RESET ALL").await.unwrap();
        connection.execute(settings).await.unwrap();
        for (name, arguments, index) in busy() {
            if name.starts_with("settle") || name.starts_with("claim") {
                let plan = plan(&mut connection, name, &arguments).await;
                check(name, index, &plan);
            }
        }
        as_ours(&mut connection).await;
        for (name, arguments, index) in busy() {
            let plan = plan(&mut connection, name, &arguments).await;
            check(name, index, &plan);
        }
    }
}

/// A plan that is made while the table is empty stays when the table has grown.
#[tokio::test]
async fn plans_made_on_an_empty_table_are_good_ones() {
    let mut connection = migrated().await;
    connection
        .execute("VACUUM ANALYZE leasehold.job")
        .await
        .unwrap();
    connection
        .execute("SET plan_cache_mode = force_generic_plan")
        .await
        .unwrap();
    as_ours(&mut connection).await;
    for (name, arguments, index) in busy() {
        // Without statistics one index of a queue is as good as another to the planner; of a fair
        // queue it learns better with the next autovacuum.
        if name != "claim_lane" {
            let plan = plan(&mut connection, name, &arguments).await;
            check(name, index, &plan);
        }
    }
}

/// Every table that grows, with much in it.
async fn crowded_everywhere() -> PgConnection {
    let mut connection = migrated().await;
    let fill = "
        INSERT INTO leasehold.job (id, fence, run_at, created_at, lease_expires_at, max_attempts, state,
            priority, queue, kind, tenant, ordering_key, payload)
        SELECT n, 1, now(), now(), CASE WHEN n % 4 = 1 THEN now() + interval '1 hour' END, 5, n % 4,
            n % 7 - 3, 'q' || n % 5, 'k', 't' || n % 11,
            CASE n % 4 WHEN 2 THEN 'o' || n % 100 WHEN 1 THEN 'p' || n END, 'x'
        FROM generate_series(1, 40000) AS n;
        INSERT INTO leasehold.history (id, fence, run_at, created_at, finished_at, attempt, max_attempts,
            state, priority, queue, kind, payload)
        SELECT n, 1, now(), now(), now() + (n % 9 - 1) * interval '1 day', 1, 5, 4, 0, 'q', 'k', 'x'
        FROM generate_series(100001, 190000) AS n;
        INSERT INTO leasehold.dead_letter (id, version, died_at, changed_at, fence, run_at, created_at,
            attempt, max_attempts, deaths, replays, letter_state, priority, holds_job, queue, kind,
            ordering_key, payload)
        SELECT n, 1, now(), now(), 1, now(), now(), 1, 5, 1, 0, n % 5, 0, true, 'q', 'k', 'o', 'x'
        FROM generate_series(200001, 220000) AS n;
        INSERT INTO leasehold.evidence (job, number, death, at, actor, reference, note)
        SELECT n, 1, 1, now(), 'a', 'r', 'n' FROM generate_series(200001, 220000) AS n;
        INSERT INTO leasehold.original_payload (job, payload)
        SELECT n, 'x' FROM generate_series(200001, 220000) AS n;
        INSERT INTO leasehold.replay_run (plan, state, letters, from_start, settings, actor, reason, begun_at,
            fence)
        SELECT 'plan' || n, 2, 1, false, '', 'a', 'r', now(), 1 FROM generate_series(1, 20000) AS n;
        INSERT INTO leasehold.replay_item (run, job, version, at, outcome)
        SELECT n % 1000, n, 1, now(), n % 7 FROM generate_series(1, 20000) AS n;
        INSERT INTO leasehold.stage_output (job, stage, output)
        SELECT n, 's', 'x' FROM generate_series(1, 20000) AS n;
        INSERT INTO leasehold.report (job, percent, note)
        SELECT n, 50, 'x' FROM generate_series(1, 20000) AS n;
        INSERT INTO leasehold.idempotency_key (kind, key, job, expires_at)
        SELECT 'k', 'key' || n, n, now() + n * interval '1 s' FROM generate_series(1, 20000) AS n;
        INSERT INTO leasehold.subject (kind, subject, job, revision, succeeded_at)
        SELECT 'k', 's' || n, n, 1, now() + n * interval '1 s' FROM generate_series(1, 20000) AS n;
        INSERT INTO leasehold.notification (id, job, revision, run_at, created_at, lease_expires_at, state,
            channel, purpose, subject, recipient, message, doubted_at, look_at)
        SELECT n, n, 1, now(), now(), CASE WHEN n % 6 = 1 THEN now() END, n % 6, 'c' || n % 3, 'p',
            's' || n, 'r', 'x', CASE WHEN n % 6 = 2 THEN now() END, CASE WHEN n % 6 IN (2, 4) THEN now() END
        FROM generate_series(1, 20000) AS n;
        INSERT INTO leasehold.delivery_event (notification, at, attempt, phase, state)
        SELECT n, now(), 1, 0, 2 FROM generate_series(1, 20000) AS n;
        INSERT INTO leasehold.suppression (channel, recipient, reason, origin, evidence, created_at)
        SELECT 'c' || n % 3, 'r' || n, 'R', 'o', 'e', now() FROM generate_series(1, 20000) AS n;
        INSERT INTO leasehold.incident (key, open, version, document)
        SELECT 'k' || n, n % 100 = 0, 1, '{}' FROM generate_series(1, 20000) AS n;
        INSERT INTO leasehold.requirement (job, notification)
        SELECT n, n FROM generate_series(1, 20000) AS n;
        INSERT INTO leasehold.audit (seq, at, actor, reason, action, target, detail, previous, hash)
        SELECT n, now(), 'a', 'r', 'a', 't', 'd', 'p', 'h' FROM generate_series(1, 20000) AS n;
        ANALYZE";
    connection.execute(fill).await.unwrap();
    connection
}

/// Statements that may run on a caller's connection, with the server's settings.
const IN_THE_CALLERS: [&str; 10] = [
    "session_within",
    "enqueue_",
    "settle_",
    "turn_",
    "outbox_publish",
    "outbox_known",
    "outbox_outstanding",
    "incident_create",
    "incident_lock",
    "incident_put",
];

/// Lines of a plan that read a table that grows from one end to the other. What the planner was told to
/// avoid stands there as well when it knew no other way: a scan of the table, or of a whole index
/// instead, unless a limit stops it.
fn scans(plan: &str) -> Vec<&str> {
    const SMALL: [&str; 6] = [
        " on meta ",
        " on queue ",
        " on retention ",
        " on schedule ",
        " on channel",
        " on pg_",
    ];
    let lines: Vec<_> = plan.lines().collect();
    let depth = |line: &str| line.len() - line.trim_start().len();
    let is_stopped = |at: usize| {
        let mut inner = depth(lines[at]);
        for line in lines[..at]
            .iter()
            .rev()
            .filter(|line| line.contains("(cost="))
        {
            if depth(line) < inner {
                inner = depth(line);
                let node = line.trim_start_matches([' ', '-', '>']);
                if node.starts_with("Limit") {
                    return true;
                }
                if !["LockRows", "Unique", "Subquery Scan"]
                    .iter()
                    .any(|one| node.starts_with(one))
                {
                    return false;
                }
            }
        }
        false
    };
    let scans = |at: &usize| {
        let (line, next) = (lines[*at], lines.get(at + 1).copied().unwrap_or_default());
        let by_index = ["Index Scan", "Index Only Scan"]
            .iter()
            .any(|node| line.contains(node));
        let all = line.contains("Seq Scan on ")
            || by_index && !next.contains("Index Cond") && !is_stopped(*at);
        all && !SMALL.iter().any(|small| line.contains(small))
    };
    (0..lines.len()).filter(scans).map(|at| lines[at]).collect()
}

async fn generic_plan(connection: &mut PgConnection, name: &str, text: &str) -> String {
    let prepare = format!(
        "SET plan_cache_mode = force_generic_plan; DEALLOCATE ALL; PREPARE {name} AS {text}"
    );
    connection.execute(AssertSqlSafe(prepare)).await.unwrap();
    let count = "SELECT cardinality(parameter_types) FROM pg_prepared_statements";
    let row = connection.fetch_one(sqlx::raw_sql(count)).await.unwrap();
    let arguments = vec!["NULL"; usize::try_from(row.get::<i32, _>(0)).unwrap()].join(", ");
    let explain = match arguments.as_str() {
        "" => format!("EXPLAIN EXECUTE {name}"),
        some => format!("EXPLAIN EXECUTE {name} ({some})"),
    };
    let rows = connection
        .fetch_all(sqlx::raw_sql(AssertSqlSafe(explain)))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.get::<String, _>(0) + "\n")
        .collect()
}

#[tokio::test]
async fn no_statement_reads_all_of_a_table_that_grows() {
    let mut crowded = crowded_everywhere().await;
    let mut empty = migrated().await;
    let mut wrong = Vec::new();
    // What takes rows from us looks for none.
    let looks = |(_, (_, text)): &(_, (_, String))| !text.contains("FROM STDIN");
    for (name, (_, text)) in statements(HERE).into_iter().filter(looks) {
        if IN_THE_CALLERS.iter().any(|prefix| name.starts_with(prefix)) {
            crowded.execute("RESET ALL").await.unwrap();
            let plan = generic_plan(&mut crowded, &name, &text).await;
            wrong.push(("with the server's settings", name.clone(), plan));
        }
        as_ours(&mut crowded).await;
        let plan = generic_plan(&mut crowded, &name, &text).await;
        wrong.push(("with ours", name.clone(), plan));
        as_ours(&mut empty).await;
        let plan = generic_plan(&mut empty, &name, &text).await;
        wrong.push(("on empty tables", name, plan));
    }
    assert!(wrong.len() > 200, "{} plans", wrong.len());
    wrong.retain(|(_, _, plan)| !scans(plan).is_empty());
    for (when, name, plan) in &wrong {
        println!("{name}, {when}:\n{}\n{plan}", scans(plan).join("\n"));
    }
    assert!(wrong.is_empty());
}

/// What another has locked is looked for only where something was not renewed.
#[tokio::test]
async fn a_renewal_that_is_answered_looks_at_nothing_else() {
    let mut connection = crowded().await;
    as_ours(&mut connection).await;
    for (name, arguments, _) in busy() {
        if name.starts_with("renew") {
            let plan = plan(&mut connection, name, &arguments).await;
            let (renewed, locked) = plan.split_once("->  Result").unwrap();
            assert!(locked.contains("One-Time Filter: ("), "{name}:\n{plan}");
            assert!(
                renewed.contains("LockRows") && !locked.contains("LockRows"),
                "{name}:\n{plan}"
            );
        }
    }
}

/// Where a claim begins is where its walk over the index begins, and no filter of what was walked over.
#[tokio::test]
async fn a_claim_that_begins_late_walks_over_nothing_before() {
    let mut connection = crowded().await;
    as_ours(&mut connection).await;
    let plan = plan(&mut connection, "claim_late", &late("{k}", 10)).await;
    let is_where = |line: &str| {
        line.contains("Index Cond")
            && line.contains("ROW(run_at, id) >= ROW(level.run_at, level.id)")
    };
    assert!(plan.lines().any(is_where), "{plan}");
}

/// But for where they begin they are one statement, which would be written once if its plan allowed it.
#[test]
fn a_claim_that_begins_late_is_a_claim() {
    let all = statements(HERE);
    let words = |name: &str| {
        let (_, text) = &all[name];
        let lines = text.lines().filter(|line| !line.starts_with("--"));
        let words = lines.flat_map(str::split_whitespace);
        words.collect::<Vec<_>>().join(" ")
    };
    let whole = words("claim_late")
        .replace(", $9::timestamptz[], $10::bigint[]", "")
        .replace("(queue, priority, run_at, id)", "(queue, priority)")
        .replace("AND (job.run_at, job.id) >= (level.run_at, level.id) ", "");
    assert_eq!(whole, words("claim_ready"));
}

/// A claim stops at its limit, also where the planner knows that few jobs will do.
#[tokio::test]
async fn claims_never_sort_all_that_is_ready() {
    let mut connection = crowded().await;
    as_ours(&mut connection).await;
    let late = late("{rare}", 10);
    for (name, arguments) in [
        (
            "claim_ready",
            "NULL, '{q1,q1,q1}', '{3,0,-3}', '{rare}', 10, 30000000, 'w', false",
        ),
        ("claim_late", late.as_str()),
        (
            "claim_untenanted",
            "now(), 'q1', '{3,0,-3}', NULL, 10, 30000000, 'w'",
        ),
    ] {
        let plan = plan(&mut connection, name, arguments).await;
        assert!(
            plan.contains("Index Scan using job_ready"),
            "{name}:\n{plan}"
        );
        assert!(
            !plan.contains("Sort") && !plan.contains("Bitmap Index Scan on job"),
            "{name}:\n{plan}"
        );
    }
}
