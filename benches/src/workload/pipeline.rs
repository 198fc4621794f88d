//! What the heart of a worker does, without any work in it: one task fetches, one settles, and a
//! batch at most lies between them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures::future::try_join_all;
use queue_core::{
    ClaimRequest, Claimed, Completion, Jitter, JobState, Outcome, RetryPolicy, SettleBatch,
    Settlement, Store, WorkerName, decide,
};
use tokio::sync::mpsc;

use crate::workload::load;

/// Empty claims end a run after so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a queue is drained.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Jobs per claim.
    pub(crate) claim: u32,
    /// Pairs of a fetching and a settling task.
    pub(crate) workers: usize,
}

/// How many jobs `warm_up` leaves in the history.
pub(crate) const WARM: u64 = 3_000;

/// Makes connections and prepares statements, while the tables are as good as empty: so does a
/// service that was started long before its queue grew.
pub(crate) async fn warm_up(store: &Arc<dyn Store>, shape: Shape) -> Result<()> {
    load::fill(store, &load::job()?, WARM).await?;
    drain(store, WARM, shape).await?;
    Ok(())
}

/// Claims and finishes so many jobs, each once; says how long that took.
pub(crate) async fn drain(store: &Arc<dyn Store>, jobs: u64, shape: Shape) -> Result<Duration> {
    let left = Arc::new(AtomicU64::new(jobs));
    let started = Instant::now();
    let tasks = (0..shape.workers).flat_map(|worker| {
        let (full, batches) = mpsc::channel(1);
        let fetch = fetch(
            Arc::clone(store),
            worker,
            shape.claim,
            Arc::clone(&left),
            full,
        );
        let settle = settle(Arc::clone(store), batches);
        [tokio::spawn(fetch), tokio::spawn(settle)]
    });
    let ended = try_join_all(tasks).await?;
    let took = started.elapsed();
    // A fetcher counts nothing, so that the sum is what was settled.
    let settled: u64 = ended.into_iter().sum::<Result<u64>>()?;
    ensure!(settled == jobs, "{settled} of {jobs} jobs were settled");
    Ok(took)
}

async fn fetch(
    store: Arc<dyn Store>,
    worker: usize,
    limit: u32,
    left: Arc<AtomicU64>,
    full: mpsc::Sender<Vec<Claimed>>,
) -> Result<u64> {
    let name = WorkerName::new(format!("bench.{worker}"))?;
    let mut last_seen = Instant::now();
    loop {
        let wanted = take(&left, limit.into());
        if wanted == 0 {
            return Ok(0);
        }
        let Ok(room) = full.reserve().await else {
            bail!("the settling task has ended early");
        };
        let request =
            ClaimRequest::new(name.clone(), vec![load::queue()?], u32::try_from(wanted)?)?;
        let claimed = store.claim(request).await.context("claiming")?;
        let missing = wanted
            .checked_sub(claimed.len() as u64)
            .context("a claim gave more than was asked for")?;
        left.fetch_add(missing, Ordering::Relaxed);
        if claimed.is_empty() {
            ensure!(
                last_seen.elapsed() < PATIENCE,
                "nothing to claim for {PATIENCE:?}, and jobs are missing"
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        } else {
            last_seen = Instant::now();
            room.send(claimed);
        }
    }
}

/// Takes up to `most` from what is left.
fn take(left: &AtomicU64, most: u64) -> u64 {
    let mut taken = 0;
    // The closure always gives a value, so that the update cannot fail.
    let _ = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        taken = left.min(most);
        Some(left - taken)
    });
    taken
}

async fn settle(store: Arc<dyn Store>, mut batches: mpsc::Receiver<Vec<Claimed>>) -> Result<u64> {
    let policy = RetryPolicy::default();
    let mut settled = 0;
    while let Some(batch) = batches.recv().await {
        let settlements: Vec<Settlement> = batch
            .into_iter()
            .map(|job| Settlement {
                lease: job.lease,
                transition: decide(
                    Outcome::Done(Completion::default()),
                    &job.progress,
                    job.max_attempts,
                    &policy,
                    Jitter::random(),
                ),
            })
            .collect();
        let wanted = settlements.len();
        let answers = store
            .settle(SettleBatch::new(settlements)?)
            .await
            .context("settling")?;
        let succeeded = answers
            .iter()
            .filter(|answer| answer.state() == Some(JobState::Succeeded))
            .count();
        ensure!(
            succeeded == wanted && answers.len() == wanted,
            "{succeeded} of {wanted} settlements were applied"
        );
        settled += wanted as u64;
    }
    Ok(settled)
}

#[cfg(test)]
mod tests {
    use queue_core::memory::MemoryStore;

    use super::*;

    async fn filled(jobs: u64) -> Arc<dyn Store> {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
        load::fill(&store, &load::job().unwrap(), jobs)
            .await
            .unwrap();
        store
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_queue_is_drained_to_the_last_job() {
        for workers in [1, 3] {
            let store = filled(1_000).await;
            let shape = Shape { claim: 70, workers };
            drain(&store, 1_000, shape).await.unwrap();
            assert!(store.stats().await.unwrap().queues.is_empty());
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn no_more_is_drained_than_was_asked_for() {
        let store = filled(1_000).await;
        let shape = Shape {
            claim: 300,
            workers: 2,
        };
        drain(&store, 500, shape).await.unwrap();
        let queues = store.stats().await.unwrap().queues;
        assert_eq!(
            (queues[0].ready.counted, queues[0].running.counted),
            (500, 0)
        );
    }
}
