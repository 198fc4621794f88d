//! Very many dead letters: lists and groups stay on their indexes. With LEASEHOLD_SLOW=1 there are a million,
//! and what is printed is the table of docs/reference/dead-letter-queries.md.

use fixtures::crowded_letters::{ask, fill_postgres, letters};
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
    let fill = fill_postgres(letters);
    connection.execute(AssertSqlSafe(fill)).await.unwrap();
    connection
        .execute("VACUUM ANALYZE leasehold.dead_letter")
        .await
        .unwrap();
    println!("{}", ask(&store, letters).await);
}
