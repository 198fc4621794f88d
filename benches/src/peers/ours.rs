//! Leasehold itself, as a program like the others: with what users have, from the call that enqueues
//! to the worker with a handler.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use peer_protocol::{Order, Peer, Synchronous};
use queue_core::{
    Context, EnqueueBatch, JobError, Kind, MAX_ENQUEUE, Payload, Queue, Store, Worker,
};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::backend;
use crate::workload::load;

/// Handlers at a time of the setting `best`, where more than the default pay.
const HANDLERS: usize = 200;

/// Does what it is asked for.
pub(crate) fn serve(order: &Order) -> ExitCode {
    peer_protocol::obey::<Leasehold>(order)
}

#[derive(Clone)]
struct Leasehold {
    store: Arc<dyn Store>,
    handlers: Option<usize>,
}

impl Peer for Leasehold {
    type Worker = (Arc<Notify>, JoinHandle<Result<()>>);

    async fn open(order: &Order) -> Result<Self> {
        let is_postgres = order.database.starts_with("postgres:");
        let mut url = match is_postgres {
            true => format!("{}&migrate=true", order.database),
            false => format!("sqlite:{}?migrate=true", order.database),
        };
        if order.synchronous == Some(Synchronous::Normal) {
            url.push_str("&synchronous=normal");
        }
        Ok(Self {
            store: backend::open_url(&url).await?,
            handlers: order.is_best().then_some(HANDLERS),
        })
    }

    async fn set_up(&self) -> Result<()> {
        // Opening it made the schema.
        Ok(())
    }

    async fn enqueue(&self) -> Result<()> {
        let batch = EnqueueBatch::one(load::job()?);
        load::all_created(&self.store.enqueue(batch).await?, 1)
    }

    async fn enqueue_many(&self, jobs: usize) -> Result<usize> {
        let job = load::job()?;
        let mut ids = 0;
        for batch in load::batches(&job, jobs, MAX_ENQUEUE)? {
            let answers = self.store.enqueue(batch).await?;
            ids += answers.iter().filter_map(|a| a.created()).count();
        }
        Ok(ids)
    }

    async fn start(&self) -> Result<Self::Worker> {
        let job = load::job()?;
        let kind = Kind::new(job.kind.as_str())?.queue(job.queue);
        let builder = Worker::builder(Queue::shared(Arc::clone(&self.store))).handle_payload(
            kind,
            |_: Payload, _: Context| {
                peer_protocol::ran();
                std::future::ready(Ok::<(), JobError>(()))
            },
        );
        let builder = match self.handlers {
            Some(handlers) => builder.concurrency(handlers),
            None => builder,
        };
        let worker = builder.build()?;
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let running = async move {
            worker.run(stopped.notified()).await?;
            Ok(())
        };
        Ok((stop, tokio::spawn(running)))
    }

    async fn stop(&self, (stop, running): Self::Worker) -> Result<()> {
        stop.notify_one();
        running.await?.context("the worker failed")
    }
}
