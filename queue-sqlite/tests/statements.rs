//! Every statement against the real schema: that it prepares, is used, is short, and by what plan it
//! runs.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeMap;

use fixtures::statements::{assert_short_and_used, statements};
use queue_sqlite::SqliteOptions;
use rusqlite::Connection;

const HERE: &str = env!("CARGO_MANIFEST_DIR");

async fn migrated() -> (tempfile::TempDir, Connection) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("jobs.db");
    SqliteOptions::new(&path).migrate().await.unwrap();
    let conn = Connection::open(path).unwrap();
    (dir, conn)
}

/// The plan, one step per line. No value changes it: without statistics SQLite goes by the text.
fn plan(conn: &Connection, text: &str) -> Vec<String> {
    let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {text}")).unwrap();
    for n in 1..=statement.parameter_count() {
        statement.raw_bind_parameter(n, 1).unwrap();
    }
    let mut rows = statement.raw_query();
    let mut steps = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        steps.push(row.get::<_, String>(3).unwrap());
    }
    steps
}

#[tokio::test]
async fn every_statement_prepares() {
    let (_dir, conn) = migrated().await;
    for (name, (_, text)) in statements(HERE) {
        // The table of migrations is there already.
        if name != "migrations_create" {
            conn.prepare(&text)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

#[test]
fn every_statement_is_short_and_used() {
    assert_short_and_used(HERE);
}

/// Steps that walk over a whole table or index, each with the reason why it may.
const SCANS: &[(&str, &str)] = &[
    ("audit_head", "the last row of a table in its own order"),
    ("audit_last", "the last row of a table in its own order"),
    ("channel_all", "a row per channel that was ever paused"),
    ("jobs_end", "a subquery that is bounded itself"),
    ("letters_page", "the list of jobs that the caller names"),
    (
        "maintain_closed_queues",
        "a row per queue with closed letters",
    ),
    ("migrations_applied", "a row per migration"),
    ("migrations_exists", "the schema's own table"),
    ("migrations_foreign", "the schema's own table"),
    ("queues_all", "a row per queue that has settings"),
    (
        "queues_limited",
        "a row per queue that has settings, when one is changed",
    ),
    ("queues_running", "a subquery that is bounded itself"),
    ("retention_all", "a row per rule"),
    ("runs_facts", "the list of jobs that the caller names"),
    ("schedules_all", "a row per schedule"),
    ("seal_newest", "the last row of a table in its own order"),
    ("stats_awaiting", "bounded by the cap"),
    ("stats_letters", "a subquery that is bounded itself"),
    ("stats_notifications", "a subquery that is bounded itself"),
    ("stats_ready", "a subquery that is bounded itself"),
    ("stats_running", "a subquery that is bounded itself"),
    ("stats_runs", "a row per kind, tenancy and priority"),
    ("stats_scheduled", "a subquery that is bounded itself"),
    ("stats_waiting", "a subquery that is bounded itself"),
    ("triage_named", "the list of jobs that the caller names"),
    ("triage_weigh", "a subquery that is bounded itself"),
];

#[tokio::test]
async fn no_statement_scans_what_grows() {
    let (_dir, conn) = migrated().await;
    let allowed: BTreeMap<_, _> = SCANS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (name, (_, text)) in statements(HERE) {
        if name == "migrations_create" {
            continue;
        }
        let steps = plan(&conn, &text);
        let scans = steps.iter().any(|step| step.starts_with("SCAN"));
        let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE"));
        if scans != allowed.contains_key(name.as_str()) || sorts {
            wrong.push((name, steps));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn the_busy_statements_seek_by_the_index_made_for_them() {
    let (_dir, conn) = migrated().await;
    let by_id = "USING INTEGER PRIMARY KEY (rowid=?)";
    for (name, expected) in [
        (
            "walk_due",
            "USING COVERING INDEX leasehold_job_ready \
             (queue=? AND kind=? AND tenanted=? AND priority=? AND run_at>? AND run_at<?)",
        ),
        (
            "walk_tenant_due",
            "USING COVERING INDEX leasehold_job_tenant \
             (queue=? AND tenant=? AND kind=? AND priority=? AND run_at>? AND run_at<?)",
        ),
        (
            "walk_level",
            "(queue=? AND kind=? AND tenanted=? AND priority<?)",
        ),
        ("claim_read", by_id),
        ("claim_take", by_id),
        ("settle_plain", by_id),
        ("settle_remove", by_id),
        ("settle_look", by_id),
        ("settle_requeue", by_id),
        ("renew_extend", by_id),
        ("renew_reporting", by_id),
        (
            "sweep_expired",
            "USING INDEX leasehold_job_lease (queue=? AND lease_expires_at>? AND lease_expires_at<?)",
        ),
        (
            "jobs_page",
            "SEARCH x USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
        ),
        (
            "queues_running",
            "USING COVERING INDEX leasehold_job_lease (queue=? AND lease_expires_at>?)",
        ),
        (
            "maintain_ended",
            "leasehold_history_finished (finished_at<?)",
        ),
    ] {
        let (_, text) = statements(HERE).remove(name).unwrap();
        let steps = plan(&conn, &text);
        assert!(
            steps.iter().any(|step| step.contains(expected)),
            "{name}: {steps:#?}"
        );
    }
}
