//! For the tests of services: a queue in memory, a clock that is moved by hand, and a look at what was
//! enqueued. A [`Worker`](crate::Worker) runs inline with [`Worker::drain`](crate::Worker::drain).

use std::ops::Deref;
use std::panic::Location;
use std::time::Duration;

use crate::memory::MemoryStore;
use crate::{Clock, Job, JobView, MAX_PAGE, ManualClock, Page, Queue};

/// A queue in memory whose time stands still.
///
/// ```
/// use std::time::Duration;
/// use queue_core::testing::{TestQueue, assert_enqueued};
/// use queue_core::{Context, Done, Job, JobError, Worker};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, Serialize, Deserialize)]
/// struct Remind { customer: u64, times: u32 }
/// impl Job for Remind { const KIND: &'static str = "remind"; }
///
/// async fn remind(job: Remind, _: Context) -> Result<Done, JobError> {
///     Ok(match job.times {
///         0 => Done::new(),
///         n => Done::new().then(Remind { times: n - 1, ..job })?,
///     })
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let queue = TestQueue::new();
/// queue.enqueue(Remind { customer: 7, times: 2 }).delay(Duration::from_secs(3600)).await?;
/// assert_enqueued(&queue, |job: &Remind| job.customer == 7).await;
///
/// let worker = Worker::builder(queue.clone()).handle(remind).build()?;
/// assert_eq!(worker.drain().await?.attempts(), 0, "it is not time yet");
/// queue.advance(Duration::from_secs(3600));
/// assert_eq!(worker.drain().await?.succeeded, 3, "and what followed from it");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TestQueue {
    queue: Queue,
    clock: ManualClock,
}

impl TestQueue {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        let clock = ManualClock::default();
        let store = MemoryStore::with_clock(Clock::Manual(clock.clone()));
        Self {
            queue: Queue::new(store),
            clock,
        }
    }

    /// Lets time pass, and with it delays, leases and retries.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.queue.store().wakeups().ring();
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &ManualClock {
        &self.clock
    }
}

impl Default for TestQueue {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for TestQueue {
    type Target = Queue;

    fn deref(&self) -> &Queue {
        &self.queue
    }
}

/// The jobs of a type that are not finished, by id, on any store.
///
/// # Panics
///
/// If the store fails, or a payload is not of the type: then the test could not say anything.
pub async fn enqueued<J: Job>(queue: &Queue) -> Vec<(JobView, J)> {
    read(queue).await.unwrap_or_else(|problem| fail(&problem))
}

async fn read<J: Job>(queue: &Queue) -> Result<Vec<(JobView, J)>, String> {
    let mut page = Page::first(MAX_PAGE).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    loop {
        let live = queue.store().live(page).await;
        let live = live.map_err(|error| error.to_string())?;
        let Some(last) = live.last() else {
            return Ok(found);
        };
        page = page.after(last.id.get());
        for view in live {
            if view.kind.as_str() == J::KIND {
                let job = view.payload.read();
                let job = job.map_err(|error| {
                    format!(
                        "the payload of job {} is not a {}: {error}",
                        view.id,
                        J::KIND
                    )
                })?;
                found.push((view, job));
            }
        }
    }
}

/// Fails unless a job of a type is enqueued, and not finished yet, for which this holds.
///
/// # Panics
///
/// That is how it fails; it says which jobs of the type there are.
#[track_caller]
pub fn assert_enqueued<J: Job>(
    queue: &Queue,
    holds: impl Fn(&J) -> bool,
) -> impl Future<Output = ()> {
    let place = Location::caller();
    async move {
        let jobs = enqueued::<J>(queue).await;
        if !jobs.iter().any(|(_, job)| holds(job)) {
            let shown = shown(&jobs);
            fail(&format!(
                "{place}: no such {} is enqueued; there are {}{shown}",
                J::KIND,
                jobs.len()
            ));
        }
    }
}

/// Fails if a job of a type is enqueued, and not finished yet, for which this holds.
///
/// # Panics
///
/// That is how it fails; it says which job it is.
#[track_caller]
pub fn assert_not_enqueued<J: Job>(
    queue: &Queue,
    holds: impl Fn(&J) -> bool,
) -> impl Future<Output = ()> {
    let place = Location::caller();
    async move {
        let mut jobs = enqueued::<J>(queue).await;
        jobs.retain(|(_, job)| holds(job));
        if !jobs.is_empty() {
            let shown = shown(&jobs);
            fail(&format!("{place}: such a {} is enqueued{shown}", J::KIND));
        }
    }
}

/// The first few, one a line.
fn shown<J>(jobs: &[(JobView, J)]) -> String {
    let line = |(view, _): &(JobView, J)| {
        let payload = String::from_utf8_lossy(view.payload.bytes());
        format!("\n  job {} in `{}`: {payload}", view.id, view.queue)
    };
    jobs.iter().take(10).map(line).collect()
}

#[expect(clippy::panic, reason = "a panic is how an assertion fails")]
fn fail(problem: &str) -> ! {
    panic!("{problem}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Greet(u32);

    impl Job for Greet {
        const KIND: &'static str = "greet";
    }

    #[tokio::test]
    #[should_panic(expected = "no such greet is enqueued; there are 1\n  job 1 in `default`: 1")]
    async fn what_is_missing_is_told_with_what_is_there() {
        let queue = TestQueue::new();
        queue.enqueue(Greet(1)).await.unwrap();
        assert_not_enqueued(&queue, |job: &Greet| job.0 == 2).await;
        assert_enqueued(&queue, |job: &Greet| job.0 == 2).await;
    }

    #[tokio::test]
    #[should_panic(expected = "such a greet is enqueued\n  job 1 in `default`: 1")]
    async fn what_should_not_be_there_is_told() {
        let queue = TestQueue::new();
        queue.enqueue(Greet(1)).await.unwrap();
        assert_not_enqueued(&queue, |_: &Greet| true).await;
    }
}
