//! Worker processes on one database, killed and stopped while they work.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::sync::Arc;

use async_trait::async_trait;
use fixtures::fleet::{Ledger, Site, Trial, member_if_asked, trial, vigils};
use fixtures::postgres::PostgresCluster;
use fixtures::random_history::cases;
use futures::future::BoxFuture;
use queue_core::{Context, Done, JobError, Store};
use queue_postgres::PostgresStore;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

/// The service's own table, in the same database.
struct Table {
    store: PostgresStore,
    pool: PgPool,
}

#[async_trait]
impl Ledger for Table {
    async fn complete(
        &self,
        context: &Context<Site>,
        effect: i64,
        done: Done,
    ) -> Result<Done, JobError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("INSERT INTO effect VALUES ($1)")
            .bind(effect)
            .execute(&mut *tx)
            .await?;
        let done = self.store.complete_in(&mut tx, context, done).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn effects(&self) -> Vec<i64> {
        sqlx::query_scalar("SELECT number FROM effect")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

fn open(url: String) -> BoxFuture<'static, (Arc<dyn Store>, Arc<dyn Ledger>)> {
    Box::pin(async move {
        let store = PostgresStore::connect(&url).await.unwrap();
        let pool = PgPoolOptions::new().max_connections(4);
        let table = Table {
            store: store.clone(),
            pool: pool.connect(&url).await.unwrap(),
        };
        (
            Arc::new(store) as Arc<dyn Store>,
            Arc::new(table) as Arc<dyn Ledger>,
        )
    })
}

/// The process that works; by itself it does nothing.
#[test]
fn member() {
    member_if_asked(open);
}

#[test]
fn every_job_ends_once_in_a_fleet_that_is_struck() {
    let url = prepared(&PostgresCluster::shared().create_database());
    let kills = cases(30);
    let told = trial(
        &url,
        open,
        Trial {
            members: 4,
            jobs: kills * 667,
            kills,
            stops: kills.div_ceil(3),
        },
    );
    println!("{}", told.unwrap());
    assert_eq!(deadlocks(&url), 0, "see the server's log for who met whom");
}

/// How often the server had to end a circle of those who waited for each other's rows. A retry mends it,
/// but each costs a second, in which nothing settles.
fn deadlocks(url: &str) -> i64 {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let pool = PgPool::connect(url).await.unwrap();
        // Whoever is connected counts for himself, and hands that in at the latest when he leaves.
        let others =
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
            AND backend_type = 'client backend' AND pid <> pg_backend_pid())";
        while sqlx::query_scalar(others).fetch_one(&pool).await.unwrap() {
            tokio::task::yield_now().await;
        }
        let counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        sqlx::query_scalar(counted).fetch_one(&pool).await.unwrap()
    })
}

/// With the schema, and the service's own table.
fn prepared(url: &str) -> String {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let migrating = format!("{url}&migrate=true");
        PostgresStore::connect(&migrating).await.unwrap();
        let pool = PgPool::connect(url).await.unwrap();
        sqlx::query("CREATE TABLE effect (number bigint NOT NULL)")
            .execute(&pool)
            .await
            .unwrap();
    });
    url.to_owned()
}

/// Only the database's clock counts (I5).
#[test]
fn jobs_that_outlast_their_leases_keep_them_whatever_the_hosts_clocks_say() {
    let url = prepared(&PostgresCluster::shared().create_database());
    let told = vigils(&url, open, &[300, -300, 300, -300], cases(200));
    println!("{}", told.unwrap());
}
