//! The jobs that all workloads use, and queueing many of them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use queue_core::{
    EnqueueBatch, Enqueued, KindName, MAX_ENQUEUE, NewJob, Payload, Priority, QueueName, Store,
};

/// Bytes of each job.
pub(crate) const PAYLOAD: usize = 200;

/// The one queue.
pub(crate) fn queue() -> Result<QueueName> {
    Ok(QueueName::new("bench")?)
}

/// The bytes of a job, for ceilings.
pub(crate) fn payload() -> Vec<u8> {
    // JSON, as most payloads are: a string whose quotes count.
    let mut bytes = vec![b'x'; PAYLOAD];
    if let [first, .., last] = bytes.as_mut_slice() {
        *first = b'"';
        *last = b'"';
    }
    bytes
}

/// A plain job.
pub(crate) fn job() -> Result<NewJob> {
    let payload = Payload::new(payload(), queue_core::JSON)?;
    Ok(NewJob::new(queue()?, KindName::new("no_op")?, payload))
}

/// A job that is not due, and would come first if it were.
pub(crate) fn future_job() -> Result<NewJob> {
    Ok(job()?
        .priority(Priority::HIGHEST)
        .delay(Duration::from_secs(24 * 3600)))
}

/// Batches of copies of one job.
pub(crate) fn batches(job: &NewJob, jobs: usize, size: usize) -> Result<Vec<EnqueueBatch>> {
    let mut batches = Vec::with_capacity(jobs.div_ceil(size));
    let mut left = jobs;
    while left > 0 {
        let taken = left.min(size);
        batches.push(EnqueueBatch::new(vec![job.clone(); taken])?);
        left -= taken;
    }
    Ok(batches)
}

/// Fails unless each answer is a new job's id, and all are different.
pub(crate) fn all_created(answers: &[Enqueued], wanted: usize) -> Result<()> {
    let ids: HashSet<_> = answers.iter().filter_map(|a| a.created()).collect();
    ensure!(
        ids.len() == wanted && answers.len() == wanted,
        "{wanted} jobs were enqueued, {} answers came with {} different ids",
        answers.len(),
        ids.len()
    );
    Ok(())
}

/// Queues copies of a job, as fast as may be.
pub(crate) async fn fill(store: &Arc<dyn Store>, job: &NewJob, jobs: u64) -> Result<()> {
    let mut left = usize::try_from(jobs)?;
    while left > 0 {
        let taken = left.min(MAX_ENQUEUE);
        let batch = EnqueueBatch::new(vec![job.clone(); taken])?;
        all_created(&store.enqueue(batch).await?, taken)?;
        left -= taken;
    }
    Ok(())
}
