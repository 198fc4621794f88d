//! underway.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use peer_protocol::{Order, Peer, payload};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgPool, Postgres, Transaction};
use tokio::runtime::Handle;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use underway::{Queue as Underway, Task, Worker};

/// Tasks that look for work.
const LOOPS: usize = 24;
/// Who finds nothing looks again after so long.
const PAUSE: Duration = Duration::from_millis(50);

#[derive(Clone)]
struct NoOp;

#[derive(Clone, Serialize, Deserialize)]
struct Input {
    text: String,
}

impl Input {
    fn new() -> Self {
        Self { text: payload() }
    }
}

impl Task for NoOp {
    type Input = Input;
    type Output = ();

    async fn execute(
        &self,
        tx: Transaction<'_, Postgres>,
        _input: Input,
    ) -> underway::task::Result<()> {
        peer_protocol::ran();
        tx.commit().await?;
        Ok(())
    }
}

#[derive(Clone)]
struct Queue {
    pool: PgPool,
    underway: Arc<OnceCell<Underway<NoOp>>>,
    best: bool,
}

impl Queue {
    /// Made when there is a schema to make it in.
    async fn underway(&self) -> Result<&Underway<NoOp>> {
        let pool = self.pool.clone();
        let make = async || Underway::builder().name("no_op").pool(pool).build().await;
        Ok(self.underway.get_or_try_init(make).await?)
    }
}

impl Peer for Queue {
    type Worker = (CancellationToken, JoinSet<Result<()>>);

    async fn open(order: &Order) -> Result<Self> {
        let connections = u32::try_from(order.producers)?.max(60);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .connect(&order.database)
            .await?;
        Ok(Self {
            pool,
            underway: Arc::default(),
            best: order.is_best(),
        })
    }

    async fn set_up(&self) -> Result<()> {
        // Its future cannot be sent between threads.
        let (pool, runtime) = (self.pool.clone(), Handle::current());
        let migrate = move || runtime.block_on(underway::run_migrations(&pool));
        tokio::task::spawn_blocking(migrate).await??;
        self.underway().await?;
        Ok(())
    }

    async fn enqueue(&self) -> Result<()> {
        let queue = self.underway().await?;
        queue.enqueue(&self.pool, &NoOp, &Input::new()).await?;
        Ok(())
    }

    async fn enqueue_many(&self, jobs: usize) -> Result<usize> {
        let inputs: Vec<_> = (0..jobs).map(|_| Input::new()).collect();
        let queue = self.underway().await?;
        queue.enqueue_multi(&self.pool, &NoOp, &inputs).await?;
        // It says how many there were.
        Ok(0)
    }

    async fn start(&self) -> Result<Self::Worker> {
        let stop = CancellationToken::new();
        let mut worker = Worker::new(Arc::new(self.underway().await?.clone()), NoOp);
        worker.set_shutdown_token(stop.clone());
        let mut tasks = JoinSet::new();
        if self.best {
            worker.set_concurrency_limit(LOOPS);
            for _ in 0..LOOPS {
                let (worker, stop) = (worker.clone(), stop.clone());
                tasks.spawn(async move {
                    while !stop.is_cancelled() {
                        if worker.process_next_task().await?.is_none() {
                            tokio::time::sleep(PAUSE).await;
                        }
                    }
                    Ok(())
                });
            }
        }
        tasks.spawn(async move { Ok(worker.run().await?) });
        Ok((stop, tasks))
    }

    async fn stop(&self, (stop, mut tasks): Self::Worker) -> Result<()> {
        stop.cancel();
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        Ok(())
    }
}

fn main() -> ExitCode {
    peer_protocol::run::<Queue>()
}
