//! Where handlers run: on threads of their own.
//!
//! A handler that blocks its thread would otherwise block the loops that keep its lease, and those of
//! all others: their jobs would be taken for dead, and buried without ever having run. Like this it
//! keeps other handlers waiting, and nothing else.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::StoreError;

/// The threads, and the tasks on them.
#[derive(Debug)]
pub(crate) struct Crew {
    /// `None` before the worker runs, and after.
    threads: Mutex<Option<Runtime>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Crew {
    pub(crate) fn new() -> Self {
        Self {
            threads: Mutex::new(None),
            tasks: Mutex::new(JoinSet::new()),
        }
    }

    pub(crate) fn start(&self) -> Result<(), StoreError> {
        let threads = Builder::new_multi_thread()
            .thread_name("leasehold-handlers")
            .enable_all()
            .build()
            .map_err(|error| StoreError::backend("starting the handlers' threads", error))?;
        *self.threads.lock().unwrap_or_else(PoisonError::into_inner) = Some(threads);
        Ok(())
    }

    /// Starts so many tasks.
    pub(crate) fn spawn<F>(&self, count: usize, task: impl Fn() -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that ended are forgotten.
        while tasks.try_join_next().is_some() {}
        if let Some(threads) = &*threads {
            for _ in 0..count {
                tasks.spawn_on(task(), threads.handle());
            }
        }
    }

    /// Drops all tasks at their next await, and leaves threads that are blocked to themselves.
    pub(crate) fn dismiss(&self) {
        self.tasks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .abort_all();
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(threads) = threads.take() {
            threads.shutdown_background();
        }
    }
}

/// Handlers must not outlive the run that they belong to, also when it is dropped.
pub(crate) struct Dismissal(pub(crate) Arc<Crew>);

impl Drop for Dismissal {
    fn drop(&mut self) {
        self.0.dismiss();
    }
}
