//! What the guide tells people to write.

use fixtures::guide::statements;
use fixtures::postgres::PostgresCluster;
use queue_postgres::PostgresOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

#[tokio::test]
async fn the_sql_of_the_guide_runs() {
    let url = PostgresCluster::shared().create_database();
    PostgresOptions::new(&url).unwrap().migrate().await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let ours: Vec<_> = statements("guides/use-it-from-sql.md")
        .into_iter()
        .filter(|statement| statement.contains("leasehold."))
        .collect();
    assert_eq!(ours.len(), 2);
    for statement in ours {
        connection
            .fetch_all(AssertSqlSafe(statement))
            .await
            .unwrap();
    }
    let order = "SELECT (payload ->> 'order')::bigint FROM leasehold.jobs";
    let row = connection.fetch_one(order).await.unwrap();
    assert_eq!(row.get::<i64, _>(0), 42);
}
