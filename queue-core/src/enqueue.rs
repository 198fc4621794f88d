//! The parsed batch of jobs that a store takes in.

use crate::batch::{MAX_ENQUEUE, MAX_ENQUEUE_BYTES, check_size};
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
        let size = jobs.iter().map(|job| job.payload.bytes().len()).sum();
        if size > MAX_ENQUEUE_BYTES {
            return Err(InvalidBatch::TooManyBytes {
                size,
                limit: MAX_ENQUEUE_BYTES,
            });
        }
        Ok(Self(jobs))
    }

    /// One job.
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
