//! The one thread that writes. It takes whatever requests are queued, carries them out in one
//! transaction, commits, and answers them all: the more callers there are, the more of them share
//! the cost of a commit.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

use queue_core::migration::MigrationTarget;
use queue_core::{StoreError, StoreId};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::anchor::Anchor;
use crate::crowd::Crowd;
use crate::fault::{Fault, Result};
use crate::neighbours::Neighbours;
use crate::options::SqliteOptions;
use crate::request::{Answer, Call, Request, gone};
use crate::session::{Meta, Session};
use crate::shared::Shared;
use crate::sql::sql;
use crate::{connection, migrations};

/// What the thread is told.
pub(crate) enum Message {
    /// Do this.
    Request(Box<dyn Request>),
    /// Finish what is queued and end.
    Stop,
}

/// The way to the thread.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread, which opens the database. Says which one it is.
    pub(crate) async fn start(
        options: SqliteOptions,
        shared: Arc<Shared>,
    ) -> std::result::Result<(Self, StoreId), StoreError> {
        let (queue, requests) = channel();
        let (ready, opened) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("leasehold-sqlite-writer".to_owned())
            .spawn(move || {
                let begun = Instant::now();
                match open(&options) {
                    Ok((conn, id)) => {
                        let anchor = Anchor::at(options.path());
                        if ready.send(Ok(id)).is_ok() {
                            serve(&conn, &anchor, &requests, &shared);
                        }
                    }
                    Err(fault) => {
                        let error = fault
                            .of_file(options.path())
                            .named("opening the database", begun.elapsed());
                        drop(ready.send(Err(error)));
                    }
                }
            })
            .map_err(|error| StoreError::backend("starting the writer thread", error))?;
        let id = opened.await.map_err(|_| gone("opening the database"))??;
        let thread = Some(thread);
        Ok((Self { queue, thread }, id))
    }

    /// Queues a request and waits for its answer. A request whose future is dropped before its turn
    /// is not carried out.
    pub(crate) fn call<T, W>(&self, operation: &'static str, weight: usize, work: W) -> Answer<T>
    where
        T: Send + 'static,
        W: FnMut(&Session<'_>) -> Result<T> + Send + 'static,
    {
        let (call, answer) = Call::new(operation, weight, work);
        // If the thread is gone the request is dropped, and the answer says so.
        drop(self.queue.send(Message::Request(call)));
        answer
    }

    /// As [`Self::call`], but while the value is such a one the request stays with the writer, and is
    /// carried out again in each transaction that makes jobs claimable.
    pub(crate) fn call_while<T, W>(
        &self,
        operation: &'static str,
        is_nothing: fn(&T) -> bool,
        work: W,
    ) -> Answer<T>
    where
        T: Send + 'static,
        W: FnMut(&Session<'_>) -> Result<T> + Send + 'static,
    {
        let (call, answer) = Call::new(operation, 1, work);
        let call = call.while_it(is_nothing);
        drop(self.queue.send(Message::Request(call)));
        answer
    }

    /// For requests that nobody waits for.
    pub(crate) fn queue(&self) -> Sender<Message> {
        self.queue.clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.send(Message::Stop));
        if let Some(thread) = self.thread.take() {
            // Its panic was reported when it happened.
            drop(thread.join());
        }
    }
}

fn open(options: &SqliteOptions) -> Result<(Connection, StoreId)> {
    let mut conn = connection::writer(options)?;
    if options.migrates() && migrations::applied(&conn)?.is_empty() {
        migrations::migrate(&mut conn, MigrationTarget::Newest, None)?;
    }
    migrations::check(&conn)?;
    let meta = Meta::load(&conn)?;
    meta.warn_of_a_clock_ahead();
    Ok((conn, meta.store()))
}

fn serve(conn: &Connection, anchor: &Anchor, requests: &Receiver<Message>, shared: &Shared) {
    let mut neighbours = Neighbours::default();
    let mut waiting = Vec::new();
    let mut crowd = Crowd::default();
    loop {
        let group = crowd.gather(requests);
        if !group.is_empty() {
            commit_group(conn, anchor, group, &mut waiting, shared);
            crowd.was_answered();
        }
        if crowd.is_over {
            break;
        }
        neighbours.make_room(conn);
    }
}

/// Carries a group out in one transaction and answers each request.
fn commit_group(
    conn: &Connection,
    anchor: &Anchor,
    mut group: Vec<Box<dyn Request>>,
    waiting: &mut Vec<Box<dyn Request>>,
    shared: &Shared,
) {
    group.retain(|request| !request.is_abandoned());
    waiting.retain(|request| !request.is_abandoned());
    if group.is_empty() {
        return;
    }
    let came = group.len();
    let mut outcomes = Vec::with_capacity(came);
    let begun = Instant::now();
    let in_place = anchor.check().map_err(Fault::from);
    match in_place.and_then(|()| run_group(conn, &mut group, &mut outcomes, waiting, shared)) {
        Ok(wake) => {
            // Who waited for jobs is told first: to wake a thread takes a while, and to begin a job is what is
            // waited for, not to hear that it is stored.
            let waited = group.split_off(came).into_iter();
            let waited = waited.zip(outcomes.split_off(came));
            for (request, outcome) in waited.chain(group.into_iter().zip(outcomes)) {
                if outcome.is_ok() && request.waits() {
                    waiting.push(request);
                    continue;
                }
                let operation = request.operation();
                request.answer(outcome.map_err(|fault| fault.named(operation, begun.elapsed())));
            }
            // After the answers: who has jobs by now need not look for them.
            if wake.is_some() {
                shared.wakeups.ring();
            }
        }
        Err(fault) => {
            if !conn.is_autocommit() {
                drop(step(conn, sql!("group", "group_rollback")));
            }
            let last = group.pop();
            for request in group {
                let operation = request.operation();
                request.answer(Err(fault.repeated().named(operation, begun.elapsed())));
            }
            if let Some(request) = last {
                let operation = request.operation();
                request.answer(Err(fault.named(operation, begun.elapsed())));
            }
        }
    }
}

/// One transaction: the outcome of each request, or the fault that ended them all.
fn run_group(
    conn: &Connection,
    group: &mut Vec<Box<dyn Request>>,
    outcomes: &mut Vec<Result<()>>,
    waiting: &mut Vec<Box<dyn Request>>,
    shared: &Shared,
) -> Result<Option<i64>> {
    step(conn, sql!("group", "group_begin"))?;
    let meta = Meta::load(conn)?;
    if let [only] = group.as_mut_slice() {
        // Alone, it needs no savepoint: what undoes it is the rollback.
        only.run(&Session::new(conn, &meta, &shared.clock))?;
        outcomes.push(Ok(()));
    } else {
        for request in group.iter_mut() {
            outcomes.push(run_apart(conn, request.as_mut(), &meta, shared)?);
        }
    }
    if meta.woke() {
        outcomes.extend(waiting.iter().map(|_| Ok(())));
        group.append(waiting);
        for (request, outcome) in group.iter_mut().zip(outcomes) {
            if outcome.is_ok() && request.waits() {
                *outcome = run_apart(conn, request.as_mut(), &meta, shared)?;
            }
        }
    }
    let wake = meta.save(conn, &shared.clock)?;
    if let Some(wake) = wake {
        // Before the commit, so that the watcher never takes it for another process's.
        shared.own_wake.store(wake, Ordering::Release);
    }
    step(conn, sql!("group", "group_commit"))?;
    Ok(wake)
}

/// One request of several: its failure is its own. The error is one that ended the whole transaction.
fn run_apart(
    conn: &Connection,
    request: &mut dyn Request,
    meta: &Meta,
    shared: &Shared,
) -> Result<Result<()>> {
    step(conn, sql!("group", "group_savepoint"))?;
    let outcome = request.run(&Session::new(conn, meta, &shared.clock));
    if outcome.is_err() && !conn.is_autocommit() {
        step(conn, sql!("group", "group_undo"))?;
    }
    if conn.is_autocommit() {
        // The library rolled the whole transaction back: for want of space, say.
        return Err(outcome
            .err()
            .unwrap_or_else(|| Fault::corrupt("a transaction ended by itself without an error")));
    }
    step(conn, sql!("group", "group_release"))?;
    Ok(outcome)
}

pub(crate) fn step(conn: &Connection, sql: &'static str) -> Result<()> {
    conn.prepare_cached(sql)?.execute([])?;
    Ok(())
}
