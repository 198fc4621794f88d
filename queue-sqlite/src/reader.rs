//! Reads, on connections that cannot write and threads of their own: a long page never holds up the
//! writer or the caller's runtime.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use queue_core::StoreError;
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::connection;
use crate::fault::Result;
use crate::options::SqliteOptions;
use crate::request::{Answer, gone};
use crate::session::{Meta, Session};
use crate::shared::Shared;
use crate::sql::sql;
use crate::writer::step;

/// Two, so that a statistic does not wait for a long page.
const THREADS: usize = 2;

type Job = Box<dyn FnOnce(&mut LazyConnection) + Send>;

/// The way to the threads.
#[derive(Debug)]
pub(crate) struct Readers {
    queue: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
    shared: Arc<Shared>,
}

/// Opened when it is first needed.
struct LazyConnection {
    options: SqliteOptions,
    conn: Option<Connection>,
}

impl LazyConnection {
    fn get(&mut self) -> Result<&Connection> {
        let conn = match self.conn.take() {
            Some(conn) => conn,
            None => connection::reader(&self.options)?,
        };
        Ok(self.conn.insert(conn))
    }
}

impl Readers {
    /// Starts the threads.
    pub(crate) fn start(
        options: &SqliteOptions,
        shared: Arc<Shared>,
    ) -> std::result::Result<Self, StoreError> {
        let (queue, jobs) = channel();
        let jobs = Arc::new(Mutex::new(jobs));
        let mut threads = Vec::with_capacity(THREADS);
        for _ in 0..THREADS {
            let jobs = Arc::clone(&jobs);
            let mut conn = LazyConnection {
                options: options.clone(),
                conn: None,
            };
            let thread = std::thread::Builder::new()
                .name("leasehold-sqlite-reader".to_owned())
                .spawn(move || {
                    while let Some(job) = next(&jobs) {
                        job(&mut conn);
                    }
                })
                .map_err(|error| StoreError::backend("starting a reader thread", error))?;
            threads.push(thread);
        }
        Ok(Self {
            queue: Some(queue),
            threads,
            shared,
        })
    }

    /// Reads in one snapshot.
    pub(crate) async fn read<T, W>(
        &self,
        operation: &'static str,
        work: W,
    ) -> std::result::Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Session<'_>) -> Result<T> + Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        self.look(operation, move |conn| snapshot(conn, &shared, work))
            .await
    }

    /// Looks at what is no part of a snapshot.
    pub(crate) async fn look<T, W>(
        &self,
        operation: &'static str,
        work: W,
    ) -> std::result::Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        let (caller, answer): (_, Answer<T>) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            if caller.is_closed() {
                return;
            }
            let begun = Instant::now();
            let value = conn.get().and_then(work);
            drop(caller.send(value.map_err(|fault| fault.named(operation, begun.elapsed()))));
        });
        if let Some(queue) = &self.queue {
            drop(queue.send(job));
        }
        answer.await.map_err(|_| gone(operation))?
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            // Its panic was reported when it happened.
            drop(thread.join());
        }
    }
}

fn next(jobs: &Mutex<Receiver<Job>>) -> Option<Job> {
    let jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner);
    jobs.recv().ok()
}

fn snapshot<T>(
    conn: &Connection,
    shared: &Shared,
    work: impl FnOnce(&Session<'_>) -> Result<T>,
) -> Result<T> {
    step(conn, sql!("group", "group_read"))?;
    let value = Meta::load(conn).and_then(|meta| work(&Session::new(conn, &meta, &shared.clock)));
    if !conn.is_autocommit() {
        step(conn, sql!("group", "group_rollback"))?;
    }
    value
}
