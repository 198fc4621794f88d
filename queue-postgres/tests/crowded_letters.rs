//! Very many dead letters: lists and groups stay on their indexes. With LEASEHOLD_SLOW=1 there are a million,
//! and what is printed is the table of docs/reference/dead-letter-queries.md.

use fixtures::crowded_letters::{FIRST, ask, letters};
use fixtures::postgres::PostgresCluster;
use queue_postgres::{PostgresOptions, PostgresStore};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

#[tokio::test]
async fn very_many_letters_are_listed_and_counted() {
    let url = PostgresCluster::shared().create_database();
    PostgresOptions::new(&url).unwrap().migrate().await.unwrap();
    let store = PostgresStore::connect(&url).await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let letters = letters();
    let fill = format!(
        "INSERT INTO leasehold.dead_letter (id, version, died_at, changed_at, fence, run_at, created_at,
            attempt, max_attempts, deaths, replays, letter_state, priority, holds_job, queue, kind, tenant,
            stage, error_class, reason, error_text, payload)
         SELECT n, 1, to_timestamp({FIRST} / 1e6) + n * interval '1 ms', now(), 1, now(), now(), 5, 5, 1, 0,
            CASE WHEN n % 10 < 4 THEN 0 WHEN n % 10 < 5 THEN 2 WHEN n % 10 < 8 THEN 3 ELSE 4 END, 0, true,
            'q' || (n % 6 % 4), 'k' || (n % 20), CASE WHEN n % 3 > 0 THEN 't' || (n % 1000) END,
            CASE n % 7 WHEN 0 THEN 's1' WHEN 1 THEN 's2' END,
            CASE WHEN n % ({letters} / 10) = 7 THEN 'RARE' ELSE 'CLASS_' || (n % 4) END,
            CASE WHEN n % 10 = 0 THEN 'r' || (n % 80 / 10) END,
            'calling https://upstream.example/' || n || ' timed out after 30 s: connection reset by peer',
            '{{\"order\": 1}}'
         FROM generate_series(1, {letters}) AS n"
    );
    connection.execute(AssertSqlSafe(fill)).await.unwrap();
    connection
        .execute("VACUUM ANALYZE leasehold.dead_letter")
        .await
        .unwrap();
    println!("{}", ask(&store, letters).await);
}
