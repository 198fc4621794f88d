//! apalis on SQLite.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use apalis::prelude::*;
use apalis_sqlite::callback::HookCallbackListener;
use apalis_sqlite::{Config, SqliteStorage};
use futures::StreamExt;
use peer_protocol::{Order, Peer, Synchronous, payload};
use sqlx::SqlitePool;
use tokio::task::JoinHandle;

const QUEUE: &str = "no_op";

#[derive(Clone)]
struct Queue {
    url: String,
    pool: SqlitePool,
    listener: HookCallbackListener,
    config: Config,
    best: bool,
}

impl Queue {
    fn storage(&self) -> SqliteStorage<String> {
        SqliteStorage::new(&self.pool).with_config(self.config.clone())
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
        // Connections of the pool are at FULL, as SQLite is by itself; its maker's function has no
        // other.
        ensure!(
            order.synchronous != Some(Synchronous::Normal),
            "apalis-sqlite is measured at synchronous=FULL only"
        );
        let url = format!("sqlite://{}?mode=rwc", order.database);
        let (pool, listener) = SqliteStorage::connect_with_callback(&url)?;
        let config = Config::default().queue(QUEUE);
        let best = order.is_best();
        Ok(Self {
            url,
            pool,
            listener,
            config: match best {
                true => config.batch_size(1_000).lock_tasks(false),
                false => config,
            },
            best,
        })
    }

    async fn set_up(&self) -> Result<()> {
        // On connections that nobody uses afterwards: it leaves one at synchronous=OFF.
        let pool = SqlitePool::connect(&self.url).await?;
        SqliteStorage::setup(&pool).await?;
        pool.close().await;
        Ok(())
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
                let strategy = Strategy::new()
                    .stream(self.listener.clone().ready_chunks(self.config.batch_size))
                    .interval(Duration::from_millis(500));
                let backend = self.storage().poll_with_strategy(strategy);
                tokio::spawn(builder.backend(backend).build(no_op).run())
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
