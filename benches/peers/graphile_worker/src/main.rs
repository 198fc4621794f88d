//! graphile_worker, the one in Rust.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use graphile_worker::{
    IntoTaskHandlerResult, JobSpec, LocalQueueConfig, TaskHandler, Worker, WorkerContext,
    WorkerOptions, WorkerUtils,
};
use peer_protocol::{Order, Peer, payload};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::task::JoinHandle;

const SCHEMA: &str = "graphile_worker";

#[derive(Clone, Serialize, Deserialize)]
struct NoOp {
    text: String,
}

impl TaskHandler for NoOp {
    const IDENTIFIER: &'static str = "no_op";

    async fn run(self, _ctx: WorkerContext) -> impl IntoTaskHandlerResult {
        peer_protocol::ran();
        Ok::<(), String>(())
    }
}

#[derive(Clone)]
struct Queue {
    pool: PgPool,
    utils: Arc<WorkerUtils>,
    best: bool,
}

impl Queue {
    fn options(&self) -> WorkerOptions {
        let options = WorkerOptions::default()
            .schema(SCHEMA)
            .pg_pool(self.pool.clone())
            .define_job::<NoOp>();
        if !self.best {
            return options;
        }
        // Its own benchmark's, with the local queue in four parts.
        let local = LocalQueueConfig::builder()
            .size(1_250)
            .queue_count(4)
            .build();
        options
            .concurrency(500)
            .poll_interval(Duration::from_millis(5))
            .complete_job_batch_delay(Duration::from_millis(5))
            .local_queue(local)
    }
}

impl Peer for Queue {
    type Worker = (Arc<Worker>, JoinHandle<Result<()>>);

    async fn open(order: &Order) -> Result<Self> {
        // As many connections as producers, or its own number.
        let connections = u32::try_from(order.producers)?.max(20);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .connect(&order.database)
            .await?;
        let queue = Self {
            utils: Arc::new(WorkerUtils::new(pool.clone(), SCHEMA)),
            pool,
            best: order.is_best(),
        };
        Ok(queue)
    }

    async fn set_up(&self) -> Result<()> {
        Ok(self.utils.migrate().await?)
    }

    async fn enqueue(&self) -> Result<()> {
        let job = NoOp { text: payload() };
        self.utils.add_job(job, JobSpec::default()).await?;
        Ok(())
    }

    async fn enqueue_many(&self, jobs: usize) -> Result<usize> {
        // Their ids are known to a worker; a client has to learn them first.
        let utils = self.options().init().await?.create_utils();
        let spec = JobSpec::default();
        let jobs: Vec<_> = (0..jobs)
            .map(|_| (NoOp { text: payload() }, &spec))
            .collect();
        Ok(utils.add_jobs(&jobs).await?.len())
    }

    async fn start(&self) -> Result<Self::Worker> {
        let worker = Arc::new(self.options().init().await?);
        let running = Arc::clone(&worker);
        let task = tokio::spawn(async move { Ok(running.run().await?) });
        Ok((worker, task))
    }

    async fn stop(&self, (worker, task): Self::Worker) -> Result<()> {
        worker.request_shutdown();
        task.await?
    }
}

fn main() -> ExitCode {
    peer_protocol::run::<Queue>()
}
