//! The parsed batch of jobs that a store takes in.

use crate::batch::{MAX_ENQUEUE, check_bytes, check_size};
use crate::{InvalidBatch, NewJob};

/// 1 to 10,000 jobs that are stored together or not at all.
///
/// ```
/// use queue_core::{EnqueueBatch, InvalidBatch};
/// assert_eq!(EnqueueBatch::new(vec![]).unwrap_err(), InvalidBatch::Empty);
/// ```
#[derive(Debug, Clone)]
pub struct EnqueueBatch(Vec<NewJob>);

impl EnqueueBatch {
    /// Checks the number of jobs and their bytes together.
    pub fn new(jobs: Vec<NewJob>) -> Result<Self, InvalidBatch> {
        check_size(jobs.len(), MAX_ENQUEUE)?;
        check_bytes(jobs.iter().map(|job| &job.payload))?;
        Ok(Self(jobs))
    }

    /// One job. Its size was checked when its [`Payload`](crate::Payload) was made, against a limit
    /// that its maker may have raised.
    #[must_use]
    pub fn one(job: NewJob) -> Self {
        Self(vec![job])
    }

    /// The jobs, in the order given.
    #[must_use]
    pub fn jobs(&self) -> &[NewJob] {
        &self.0
    }

    /// Takes the jobs out.
    #[must_use]
    pub fn into_jobs(self) -> Vec<NewJob> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KindName, MAX_ENQUEUE_BYTES, Payload, QueueName};

    fn job(bytes: usize) -> NewJob {
        let payload = Payload::with_limit(vec![0; bytes], "a/b", bytes).unwrap();
        NewJob::new(
            QueueName::new("q").unwrap(),
            KindName::new("k").unwrap(),
            payload,
        )
    }

    #[test]
    fn the_bytes_of_a_batch_count_together() {
        let half = MAX_ENQUEUE_BYTES / 2;
        assert!(EnqueueBatch::new(vec![job(half), job(half)]).is_ok());
        let refused = EnqueueBatch::new(vec![job(half), job(half + 1)]).unwrap_err();
        assert_eq!(
            refused,
            InvalidBatch::TooManyBytes {
                size: MAX_ENQUEUE_BYTES + 1,
                limit: MAX_ENQUEUE_BYTES
            }
        );
    }
}
