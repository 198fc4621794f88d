//! The schema as the migrations make it, compared with the picture that is kept of it.

use std::path::Path;

use fixtures::postgres::PostgresCluster;
use queue_core::migration::MigrationTarget;
use queue_core::{NotificationId, OutboxStore};
use queue_postgres::PostgresOptions;
use sqlx::{Connection, Executor, PgConnection, Row};

/// Read from the catalogue, and not by pg_dump, whose wording changes between versions. Without the
/// days.
const PICTURE: &str = r"
SELECT text FROM (
    SELECT 1 AS part, c.relname::text AS owner, 0 AS n,
        'CREATE TABLE ' || c.relname || ' (' || string_agg(E'\n    ' || a.attname || ' '
            || format_type(a.atttypid, a.atttypmod)
            || CASE WHEN l.collname <> 'default' THEN ' COLLATE ' || quote_ident(l.collname) ELSE '' END
            || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
            || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), ''), ',' ORDER BY a.attnum)
            || E'\n)' || coalesce(' PARTITION BY ' || pg_get_partkeydef(c.oid), '')
            || coalesce(' -- ' || pg_get_expr(c.relpartbound, c.oid), '') AS text
    FROM pg_class AS c
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
    LEFT JOIN pg_collation AS l ON l.oid = a.attcollation
    WHERE c.relnamespace = 'leasehold'::regnamespace AND c.relkind IN ('r', 'p')
    GROUP BY c.oid
    UNION ALL
    SELECT 1, c.relname, 1, 'ALTER TABLE ' || c.relname || ' ADD CONSTRAINT ' || k.conname || ' '
        || pg_get_constraintdef(k.oid)
    FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
    WHERE c.relnamespace = 'leasehold'::regnamespace AND k.contype <> 'n'
    UNION ALL
    SELECT 1, c.relname, 2, pg_get_indexdef(i.indexrelid)
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
    WHERE c.relnamespace = 'leasehold'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u'))
    UNION ALL
    SELECT 1, c.relname, 3, pg_get_triggerdef(t.oid)
    FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'leasehold'::regnamespace AND NOT t.tgisinternal
    UNION ALL
    SELECT 2, relname, 0, 'CREATE SEQUENCE ' || relname FROM pg_class
    WHERE relnamespace = 'leasehold'::regnamespace AND relkind = 'S'
    UNION ALL
    SELECT 3, c.relname, 0, 'CREATE VIEW ' || c.relname || ' (' || string_agg(E'\n    ' || a.attname || ' '
        || format_type(a.atttypid, a.atttypmod), ',' ORDER BY a.attnum) || E'\n)'
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = 'leasehold'::regnamespace AND c.relkind = 'v'
    GROUP BY c.oid
    UNION ALL
    SELECT 4, p.proname, 0, 'CREATE FUNCTION ' || p.proname || '(' || pg_get_function_arguments(p.oid)
        || ') RETURNS ' || pg_get_function_result(p.oid) || ' AS $$' || p.prosrc || '$$'
    FROM pg_proc AS p WHERE p.pronamespace = 'leasehold'::regnamespace
) AS picture
WHERE owner !~ '^history_[0-9]{8}$'
ORDER BY part, owner, n, text";

#[tokio::test]
async fn the_migrations_make_the_schema_of_the_picture() {
    let url = PostgresCluster::shared().create_database();
    PostgresOptions::new(&url).unwrap().migrate().await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let rows = connection.fetch_all(PICTURE).await.unwrap();
    let made: String = rows
        .iter()
        .map(|row| row.get::<String, _>(0) + ";\n\n")
        .collect();
    let made = format!("{}\n", made.trim_end());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.sql");
    if std::env::var_os("LEASEHOLD_UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == kept,
        "schema.sql is not what the migrations make; with LEASEHOLD_UPDATE=1 this test writes it:\n{made}"
    );
}

/// What was under way before delivery had columns of its own goes on: with the digest of its message,
/// with the earliest time at which a provider can have seen its key, and looked at if it is in doubt.
#[tokio::test]
async fn rows_of_before_delivery_go_on() {
    let url = PostgresCluster::shared().create_database();
    let options = PostgresOptions::new(&url).unwrap();
    let before = options.migrate_to(MigrationTarget::Version(4));
    before.await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let rows = "INSERT INTO leasehold.notification (id, revision, run_at, created_at, state, attempt,
            channel, purpose, subject, recipient, message)
        SELECT n, 1, now(), now() - interval '1 hour', state, least(state, 1), 'email', 'p', 's', 'r' || n,
            convert_to('abc', 'UTF8')
        FROM unnest('{0,2,4}'::smallint[]) WITH ORDINALITY AS of (state, n)";
    connection.execute(rows).await.unwrap();
    options.migrate().await.unwrap();
    let store = options.connect().await.unwrap();
    let mut found = Vec::new();
    for id in 1..=3 {
        let row = store.notification(NotificationId::new(id)).await.unwrap();
        let row = row.unwrap();
        assert!(row.is_intact() && row.digest.starts_with("ba7816bf"));
        let attempted = row.first_attempt_at.map(|at| at == row.created_at);
        found.push((attempted, row.doubted_at.is_some(), row.look_at.is_some()));
    }
    assert_eq!(
        found,
        [
            (None, false, false),
            (Some(true), true, true),
            (None, false, false)
        ]
    );
    let stored = "SELECT count(digest) FROM leasehold.notification";
    let row = connection.fetch_one(stored).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), 2, "what is settled is not rewritten");
}
