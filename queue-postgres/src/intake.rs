//! Concurrent enqueues share a commit.
//!
//! A commit costs the server about the same for one job as for twenty. So at most [`LANES`] calls
//! are with the server at a time; who comes meanwhile waits, and all who wait go together, in one
//! statement. Nobody lingers for company: who comes alone goes at once.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use queue_core::{Enqueued, NewJob, StoreError};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::store::PostgresStore;

/// How many calls are with the server at a time. 24 producers of one job each, on two cores and a
/// local socket, in thousands of jobs a second: 32 with one lane, 28 with two, 22 with three, 17 with
/// four, 7 to 10 with a connection for each. Two, since one would wait for each answer of a server that
/// is far away.
const LANES: usize = 2;
/// A call with more jobs does not wait for others: it fills a statement by itself.
pub(crate) const FEW: usize = 16;
/// How many jobs go together at most, which bounds for how long one is held up by the others.
const TOGETHER: usize = 200;

type Answer = Result<Vec<Enqueued>, StoreError>;

#[derive(Debug, Default)]
pub(crate) struct Intake(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// How many are with the server.
    busy: usize,
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    jobs: Vec<NewJob>,
    answer: oneshot::Sender<Answer>,
}

impl Intake {
    /// Lines up; says whether there is a lane to go on at once.
    fn line_up(&self, jobs: Vec<NewJob>) -> (oneshot::Receiver<Answer>, bool) {
        let (answer, receiver) = oneshot::channel();
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.waiting.push_back(Waiting { jobs, answer });
        let free = state.busy < LANES;
        state.busy += usize::from(free);
        (receiver, free)
    }

    /// Those who go next on a lane; nobody, and it is free.
    fn next(&self) -> Vec<Waiting> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut group: Vec<Waiting> = Vec::new();
        let mut jobs = 0;
        while let Some(waiting) = state.waiting.pop_front() {
            // What nobody waits for any more is not carried out.
            if waiting.answer.is_closed() {
                continue;
            }
            jobs += waiting.jobs.len();
            group.push(waiting);
            if jobs >= TOGETHER {
                break;
            }
        }
        if group.is_empty() {
            state.busy -= 1;
        }
        group
    }
}

/// One of the lanes, taken. When it is left, whoever waits goes next.
struct Lane {
    store: PostgresStore,
    runtime: Handle,
}

impl Drop for Lane {
    fn drop(&mut self) {
        let group = self.store.intake().next();
        if group.is_empty() {
            return;
        }
        let lane = Self {
            store: self.store.clone(),
            runtime: self.runtime.clone(),
        };
        // On a task that is nobody's: a caller who goes away, or is not polled, holds nobody up.
        self.runtime.spawn(async move { lane.carry(group).await });
    }
}

impl Lane {
    async fn carry(&self, mut group: Vec<Waiting>) {
        if group.len() > 1 {
            let jobs: Vec<NewJob> = group.iter().flat_map(|one| one.jobs.clone()).collect();
            match self.store.enqueue_plain(&jobs).await {
                Ok(answers) => {
                    let mut answers = answers.into_iter();
                    for one in group.drain(..) {
                        let theirs = answers.by_ref().take(one.jobs.len()).collect();
                        let _ = one.answer.send(Ok(theirs));
                    }
                }
                Err(error) if error.is_transient() => {
                    for one in group.drain(..) {
                        let _ = one.answer.send(Err(same(&error)));
                    }
                }
                // One of them may be what the database did not take: each for itself.
                Err(_) => {}
            }
        }
        for one in group {
            let _ = one.answer.send(self.store.enqueue_plain(&one.jobs).await);
        }
    }
}

/// The same transient error once more, for the next one it happened to.
fn same(error: &StoreError) -> StoreError {
    match error {
        StoreError::Busy {
            operation, waited, ..
        } => StoreError::Busy {
            operation,
            waited: *waited,
            cause: None,
        },
        StoreError::Unavailable {
            operation, detail, ..
        } => StoreError::Unavailable {
            operation,
            detail: detail.clone(),
            cause: None,
        },
        other => StoreError::backend("enqueue", other.to_string()),
    }
}

/// Stores a few plain jobs, with those of others if many come at a time.
pub(crate) async fn enqueue_few(store: &PostgresStore, jobs: Vec<NewJob>) -> Answer {
    let (answer, free) = store.intake().line_up(jobs);
    if free {
        drop(Lane {
            store: store.clone(),
            runtime: Handle::current(),
        });
    }
    answer.await.unwrap_or_else(|_| {
        Err(StoreError::Unavailable {
            operation: "enqueue",
            detail: "the runtime is shutting down".to_owned(),
            cause: None,
        })
    })
}
