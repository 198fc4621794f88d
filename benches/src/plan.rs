//! How a database looks for jobs, by the statements that the stores really send.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rusqlite::Connection;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row};

use crate::record::Plan;
use crate::venue::{Engine, Place};

/// Statements of a claim on SQLite: file and name.
const SQLITE: &[(&str, &str)] = &[
    ("walk", "walk_next_kind"),
    ("walk", "walk_level"),
    ("walk", "walk_due"),
    ("claim", "claim_read"),
    ("claim", "claim_take"),
];

/// The statement of a claim on Postgres, and what a worker gives it that asks for 300 jobs of one
/// queue. If the statement's parameters change, these must follow.
const POSTGRES: (&str, &str) = ("claim", "claim_ready");
const POSTGRES_ARGUMENTS: &str = "NULL, array_fill('bench'::text, ARRAY[7]), '{3,2,1,0,-1,-2,-3}', \
                                  NULL, 300, 30000000, 'bench.plan', false";

/// The plans of a claim in this place, where so many jobs are queued.
pub(crate) async fn take(place: &Place, rows: u64) -> Result<Vec<Plan>> {
    match place.engine {
        Engine::Sqlite => sqlite(place, rows),
        Engine::Postgres => postgres(place, rows).await,
    }
}

fn sqlite(place: &Place, rows: u64) -> Result<Vec<Plan>> {
    let conn = Connection::open(&place.address)?;
    let mut plans = Vec::new();
    for (file, name) in SQLITE {
        let sql = statement("queue-sqlite", file, name)?;
        let mut explain = conn
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .with_context(|| format!("explaining {name}"))?;
        // Nothing is bound: a plan of SQLite's does not depend on values.
        let lines = explain
            .raw_query()
            .mapped(|row| row.get::<_, String>(3))
            .collect::<rusqlite::Result<Vec<_>>>()?;
        plans.push(Plan {
            engine: Engine::Sqlite,
            statement: format!("{file}.sql: {name}"),
            rows,
            text: lines.join("\n"),
        });
    }
    Ok(plans)
}

async fn postgres(place: &Place, rows: u64) -> Result<Vec<Plan>> {
    let (file, name) = POSTGRES;
    let sql = statement("queue-postgres", file, name)?;
    let mut conn = PgConnection::connect(&place.address).await?;
    // As the store's own connections are set up; a generic plan is what a statement has after its
    // first few executions.
    let prepare = format!(
        "SET enable_seqscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan; \
         PREPARE claim AS {sql}"
    );
    sqlx::raw_sql(AssertSqlSafe(prepare))
        .execute(&mut conn)
        .await
        .with_context(|| format!("preparing {name}"))?;
    let explain = format!(
        "BEGIN; EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) \
         EXECUTE claim ({POSTGRES_ARGUMENTS}); ROLLBACK"
    );
    let lines = sqlx::raw_sql(AssertSqlSafe(explain))
        .fetch_all(&mut conn)
        .await
        .with_context(|| format!("explaining {name}"))?
        .iter()
        .map(|row| row.try_get::<String, _>(0))
        .collect::<sqlx::Result<Vec<_>>>()?;
    conn.close().await?;
    Ok(vec![Plan {
        engine: Engine::Postgres,
        statement: format!("{file}.sql: {name}"),
        rows,
        text: lines.join("\n"),
    }])
}

/// A statement as it is in a backend's file.
fn statement(package: &str, file: &str, name: &str) -> Result<String> {
    let path = workspace()
        .join(package)
        .join("src/sql")
        .join(format!("{file}.sql"));
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("reading {package}/src/sql/{file}.sql"))?;
    find(&text, name)
        .map(str::to_owned)
        .with_context(|| format!("there is no statement {name} in {file}.sql"))
}

/// A statement begins with `-- its_name` and ends at an empty line.
fn find<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    text.split("\n\n")
        .map(str::trim)
        .find(|piece| piece.lines().next() == Some(&format!("-- {name}")))
}

/// Where the workspace is: the benchmarks run from a checkout, never installed.
pub(crate) fn workspace() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn statements_are_found_by_their_whole_name() {
        let text = "-- claim_take\nUPDATE 1\nSET x\n\n-- claim\nSELECT 2\n";
        assert_eq!(find(text, "claim"), Some("-- claim\nSELECT 2"));
        assert_eq!(
            find(text, "claim_take"),
            Some("-- claim_take\nUPDATE 1\nSET x")
        );
        assert_eq!(find(text, "take"), None);
    }
}
