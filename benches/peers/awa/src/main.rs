//! awa.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use awa::model::insert::params_with;
use awa::{
    Client, InsertOpts, InsertParams, JobArgs, JobResult, QueueConfig, QueueStorage,
    QueueStorageConfig, insert_with,
};
use peer_protocol::{Order, Peer, payload};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::runtime::Handle;

const QUEUE: &str = "bench";

#[derive(Clone, Serialize, Deserialize, JobArgs)]
struct NoOp {
    text: String,
}

impl NoOp {
    fn new() -> Self {
        Self { text: payload() }
    }
}

fn options() -> InsertOpts {
    InsertOpts {
        queue: QUEUE.into(),
        ..InsertOpts::default()
    }
}

#[derive(Clone)]
struct Queue {
    pool: PgPool,
    best: bool,
}

impl Queue {
    fn client(&self) -> Result<Client> {
        let config = match self.best {
            // Its own benchmark's: without a deadline a claim is one compact row.
            true => QueueConfig {
                max_workers: 1_000,
                claimers: 2,
                poll_interval: Duration::from_millis(50),
                deadline_duration: Duration::ZERO,
                ..QueueConfig::default()
            },
            false => QueueConfig::default(),
        };
        let client = Client::builder(self.pool.clone())
            .queue(QUEUE, config)
            .register::<NoOp, _, _>(|_, _| async {
                peer_protocol::ran();
                Ok(JobResult::Completed)
            })
            .build()?;
        Ok(client)
    }
}

impl Peer for Queue {
    type Worker = Client;

    async fn open(order: &Order) -> Result<Self> {
        let connections = u32::try_from(order.producers)?.max(20);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .connect(&order.database)
            .await?;
        Ok(Self {
            pool,
            best: order.is_best(),
        })
    }

    async fn set_up(&self) -> Result<()> {
        // Its future cannot be sent between threads.
        let (pool, runtime) = (self.pool.clone(), Handle::current());
        let migrate = move || runtime.block_on(awa::migrations::run(&pool));
        tokio::task::spawn_blocking(migrate).await??;
        // A worker's first start decides which storage jobs go to: before any of them is there.
        let client = self.client()?;
        client.start().await?;
        client.shutdown(Duration::from_secs(10)).await;
        Ok(())
    }

    async fn enqueue(&self) -> Result<()> {
        insert_with(&self.pool, &NoOp::new(), options()).await?;
        Ok(())
    }

    async fn enqueue_many(&self, jobs: usize) -> Result<usize> {
        let jobs = (0..jobs)
            .map(|_| params_with(&NoOp::new(), options()))
            .collect::<Result<Vec<InsertParams>, _>>()?;
        let storage = QueueStorage::new(QueueStorageConfig::default())?;
        storage.enqueue_params_copy(&self.pool, &jobs).await?;
        // It says how many there were.
        Ok(0)
    }

    async fn start(&self) -> Result<Client> {
        let client = self.client()?;
        client.start().await?;
        Ok(client)
    }

    async fn stop(&self, client: Client) -> Result<()> {
        client.shutdown(Duration::from_secs(10)).await;
        Ok(())
    }
}

fn main() -> ExitCode {
    peer_protocol::run::<Queue>()
}
