//! Every statement against the real schema: that it prepares, is used, is short, and by what plan
//! the busy ones run.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fixtures::postgres::PostgresCluster;
use queue_postgres::PostgresOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name)
}

fn files(folder: &Path, ending: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path, ending));
        } else if path.extension().is_some_and(|found| found == ending) {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    files
}

/// All statements by name, with the file they are in.
fn statements() -> BTreeMap<String, (String, String)> {
    let mut statements = BTreeMap::new();
    for (file, text) in files(&folder("sql"), "sql") {
        for statement in text.trim_end().split("\n\n") {
            let header = statement.lines().next().unwrap();
            let name = header.strip_prefix("-- ").unwrap().to_owned();
            assert!(name.starts_with(&file), "{name} is in {file}.sql");
            let before = statements.insert(name, (file.clone(), statement.to_owned()));
            assert!(before.is_none(), "{header} is there twice");
        }
    }
    statements
}

async fn migrated() -> PgConnection {
    let url = PostgresCluster::shared().create_database();
    PostgresOptions::new(&url).unwrap().migrate().await.unwrap();
    PgConnection::connect(&url).await.unwrap()
}

#[tokio::test]
async fn every_statement_prepares() {
    let mut connection = migrated().await;
    for (name, (_, text)) in statements() {
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
    let code: String = files(&folder(""), "rs")
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let code: String = code.split_whitespace().collect();
    for (name, (file, text)) in statements() {
        assert!(text.lines().count() <= 40, "{name} has more than 40 lines");
        let used = format!("sql!(\"{file}\",\"{name}\")");
        assert!(code.contains(&used), "{name} is never used");
    }
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
    let (_, text) = statements().remove(name).unwrap();
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

/// The busy statements, with arguments as a worker would give them, and the index they are to use.
fn busy() -> Vec<(&'static str, String, &'static str)> {
    let ids = format!("{}, {}", array(|n| 2 * n), array(|_| 1));
    vec![
        (
            "claim_ready",
            "NULL, '{q1,q1,q1}', '{3,0,-3}', '{k}', 300, 30000000, 'w', false".to_owned(),
            "job_ready",
        ),
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
        ("renew", format!("{ids}, NULL, 30000000"), "job_pkey"),
        ("sweep_expired", "NULL, 1000".to_owned(), "job_lease"),
        ("queues_running", "'q1', now(), 100".to_owned(), "job_lease"),
        (
            "stats_queue",
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
