//! honker.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Result, anyhow};
use honker::{Database, EnqueueOpts, QueueOpts};
use peer_protocol::{Order, Peer, Synchronous, payload};

const NAME: &str = "no_op";
const WORKER: &str = "bench";
/// A worker that hears of nothing looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(100);

#[derive(Clone)]
struct Queue {
    database: Database,
    queue: honker::Queue,
    best: bool,
}

impl Queue {
    /// What its `claim_waker` does, with an end: one job after the other.
    fn work_singly(&self, stop: &AtomicBool) -> Result<()> {
        let waker = self.queue.claim_waker();
        let updates = self.database.update_events();
        while !stop.load(Ordering::Relaxed) {
            match waker.try_next(WORKER)? {
                Some(job) => {
                    peer_protocol::ran();
                    job.ack()?;
                }
                None => {
                    updates.recv_timeout(LOOK)?;
                }
            }
        }
        Ok(())
    }

    fn work_in_batches(&self, stop: &AtomicBool) -> Result<()> {
        let updates = self.database.update_events();
        while !stop.load(Ordering::Relaxed) {
            let jobs = self.queue.claim_batch(WORKER, 1_000)?;
            if jobs.is_empty() {
                updates.recv_timeout(LOOK)?;
                continue;
            }
            let ids: Vec<i64> = jobs.iter().map(|job| job.id).collect();
            jobs.iter().for_each(|_| peer_protocol::ran());
            self.queue.ack_batch(&ids, WORKER)?;
        }
        Ok(())
    }
}

impl Peer for Queue {
    type Worker = (Arc<AtomicBool>, JoinHandle<Result<()>>);

    async fn open(order: &Order) -> Result<Self> {
        let database = Database::open(&order.database)?;
        // It sets NORMAL by itself.
        if order.synchronous == Some(Synchronous::Full) {
            database.with_conn(|conn| conn.execute_batch("PRAGMA synchronous = FULL"))?;
        }
        Ok(Self {
            queue: database.queue(NAME, QueueOpts::default()),
            database,
            best: order.is_best(),
        })
    }

    async fn set_up(&self) -> Result<()> {
        // Opening it made the schema.
        Ok(())
    }

    async fn enqueue(&self) -> Result<()> {
        // It blocks; a thread of its own for each call would only cost more.
        self.queue.enqueue(&payload(), EnqueueOpts::default())?;
        Ok(())
    }

    async fn enqueue_many(&self, jobs: usize) -> Result<usize> {
        let transaction = self.database.transaction()?;
        let mut ids = Vec::with_capacity(jobs);
        for _ in 0..jobs {
            let options = EnqueueOpts::default();
            ids.push(self.queue.enqueue_tx(&transaction, &payload(), options)?);
        }
        transaction.commit()?;
        Ok(ids.len())
    }

    async fn start(&self) -> Result<Self::Worker> {
        let (queue, stop) = (self.clone(), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || match queue.best {
            true => queue.work_in_batches(&stopped),
            false => queue.work_singly(&stopped),
        });
        Ok((stop, thread))
    }

    async fn stop(&self, (stop, thread): Self::Worker) -> Result<()> {
        stop.store(true, Ordering::Relaxed);
        thread.join().map_err(|_| anyhow!("the worker panicked"))?
    }
}

fn main() -> ExitCode {
    peer_protocol::run::<Queue>()
}
