//! riverqueue: River for Rust, on both databases.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use peer_protocol::{Order, Peer, Synchronous, payload};
use riverqueue::migrate::{PostgresMigrator, SqliteMigrator};
use riverqueue::sqlx::postgres::PgPoolOptions;
use riverqueue::sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use riverqueue::sqlx::{PgPool, SqlitePool};
use riverqueue::{
    BoxError, Client, Job, JobArgs, QueueConfig, RunHandle, WorkContext, WorkOutcome, Workers,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, JobArgs, Serialize)]
#[river(kind = "no_op")]
struct NoOp {
    text: String,
}

impl NoOp {
    fn new() -> Self {
        Self { text: payload() }
    }
}

async fn no_op(_: WorkContext, _: Job<NoOp>) -> Result<WorkOutcome, BoxError> {
    peer_protocol::ran();
    Ok(WorkOutcome::Complete)
}

#[derive(Clone)]
enum Pool {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

#[derive(Clone)]
struct Queue {
    pool: Pool,
    client: Client,
    best: bool,
}

impl Queue {
    fn client(pool: &Pool, best: bool, queue: Option<QueueConfig>) -> Result<Client> {
        let builder = match pool {
            Pool::Postgres(pool) => Client::builder(pool.clone()),
            Pool::Sqlite(pool) => Client::builder(pool.clone()),
        };
        // Of who inserts, too: it tells workers no more often than this.
        let builder = match best {
            true => builder.fetch_cooldown(Duration::from_millis(1)),
            false => builder,
        };
        let mut workers = Workers::new();
        workers.add_fn(no_op)?;
        let builder = builder.workers(workers);
        let builder = match queue {
            Some(config) => builder.queue("default", config),
            None => builder,
        };
        Ok(builder.build()?)
    }
}

async fn open_sqlite(order: &Order) -> Result<SqlitePool> {
    // As its guide has it.
    let options = SqliteConnectOptions::new()
        .filename(&order.database)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match order.synchronous {
            Some(Synchronous::Normal) => SqliteSynchronous::Normal,
            _ => SqliteSynchronous::Full,
        })
        .busy_timeout(Duration::from_secs(5));
    Ok(SqlitePoolOptions::new().connect_with(options).await?)
}

impl Peer for Queue {
    type Worker = RunHandle;

    async fn open(order: &Order) -> Result<Self> {
        let pool = if order.database.starts_with("postgres:") {
            let connections = u32::try_from(order.producers)?.max(10);
            let options = PgPoolOptions::new().max_connections(connections);
            Pool::Postgres(options.connect(&order.database).await?)
        } else {
            Pool::Sqlite(open_sqlite(order).await?)
        };
        Ok(Self {
            client: Self::client(&pool, order.is_best(), None)?,
            pool,
            best: order.is_best(),
        })
    }

    async fn set_up(&self) -> Result<()> {
        match &self.pool {
            Pool::Postgres(pool) => PostgresMigrator::new(pool.clone()).migrate_up().await?,
            Pool::Sqlite(pool) => SqliteMigrator::new(pool.clone()).migrate_up().await?,
        };
        Ok(())
    }

    async fn enqueue(&self) -> Result<()> {
        self.client.insert(NoOp::new()).await?;
        Ok(())
    }

    async fn enqueue_many(&self, jobs: usize) -> Result<usize> {
        let mut ids = 0;
        let mut left = jobs;
        while left > 0 {
            let taken = left.min(MOST);
            let jobs = (0..taken).map(|_| NoOp::new());
            ids += self.client.insert_many(jobs).await?.len();
            left -= taken;
        }
        Ok(ids)
    }

    async fn start(&self) -> Result<RunHandle> {
        let config = match self.best {
            true => QueueConfig::new(1_000),
            false => QueueConfig::new(10),
        };
        Ok(Self::client(&self.pool, self.best, Some(config))?.start()?)
    }

    async fn stop(&self, mut worker: RunHandle) -> Result<()> {
        Ok(worker.stop().await?)
    }
}

/// Jobs of one call.
const MOST: usize = 10_000;

fn main() -> ExitCode {
    peer_protocol::run::<Queue>()
}
