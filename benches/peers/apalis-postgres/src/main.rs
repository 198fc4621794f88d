//! apalis on Postgres.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Result;
use apalis::prelude::*;
use apalis_postgres::{Config, PostgresStorage};
use peer_protocol::{Order, Peer, payload};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::task::JoinHandle;

const QUEUE: &str = "no_op";

#[derive(Clone)]
struct Queue {
    pool: PgPool,
    config: Config,
    best: bool,
}

impl Queue {
    fn storage(&self) -> PostgresStorage<String> {
        PostgresStorage::new(&self.pool).with_config(self.config.clone())
    }
}

async fn no_op(_: String) -> Result<(), BoxDynError> {
    peer_protocol::ran();
    Ok(())
}

/// A worker that is registered under its name again within a minute is refused.
fn fresh_name() -> String {
    static STARTS: AtomicU32 = AtomicU32::new(0);
    let start = STARTS.fetch_add(1, Ordering::Relaxed);
    format!("bench.{}.{start}", std::process::id())
}

impl Peer for Queue {
    type Worker = (WorkerContext, JoinHandle<Result<(), WorkerError>>);

    async fn open(order: &Order) -> Result<Self> {
        let connections = u32::try_from(order.producers)?.max(10);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .connect(&order.database)
            .await?;
        let config = Config::default().queue(QUEUE);
        let best = order.is_best();
        Ok(Self {
            pool,
            config: match best {
                true => config.batch_size(1_000).lock_tasks(false),
                false => config,
            },
            best,
        })
    }

    async fn set_up(&self) -> Result<()> {
        Ok(PostgresStorage::setup(&self.pool).await?)
    }

    async fn enqueue(&self) -> Result<()> {
        Ok(self.storage().push(payload()).await?)
    }

    async fn enqueue_many(&self, jobs: usize) -> Result<usize> {
        let tasks = vec![payload(); jobs];
        self.storage().push_bulk(tasks).await?;
        // It gives none back.
        Ok(0)
    }

    async fn start(&self) -> Result<Self::Worker> {
        let context = WorkerContext::new(&fresh_name());
        let builder = WorkerBuilder::new(&context);
        let task = match self.best {
            true => {
                let worker = builder.backend(self.storage().with_pubsub()).build(no_op);
                tokio::spawn(worker.run())
            }
            false => tokio::spawn(builder.backend(self.storage()).build(no_op).run()),
        };
        Ok((context, task))
    }

    async fn stop(&self, (context, task): Self::Worker) -> Result<()> {
        context.stop()?;
        Ok(task.await??)
    }
}

fn main() -> ExitCode {
    peer_protocol::run::<Queue>()
}
