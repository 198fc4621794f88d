//! What a worker asks for.

use std::time::Duration;

use crate::batch::{MAX_BATCH, check_lease, check_range, check_size, check_unique};
use crate::{InvalidBatch, KindName, QueueName, WorkerName};

/// How long a lease lasts unless something else is said.
pub const DEFAULT_LEASE: Duration = Duration::from_secs(30);

/// The most queues one claim looks at.
pub const MAX_CLAIM_QUEUES: usize = 64;

/// A parsed wish for jobs.
///
/// ```
/// use queue_core::{ClaimRequest, QueueName, WorkerName};
/// let request = ClaimRequest::new(
///     WorkerName::new("host-1.worker-2").unwrap(),
///     vec![QueueName::new("mail").unwrap()],
///     100,
/// ).unwrap();
/// assert_eq!(request.lease().as_secs(), 30);
/// ```
#[derive(Debug, Clone)]
pub struct ClaimRequest {
    worker: WorkerName,
    queues: Vec<QueueName>,
    kinds: Option<Vec<KindName>>,
    limit: u32,
    lease: Duration,
}

impl ClaimRequest {
    /// Up to `limit` jobs of any kind: from the first queue as many as there are, then from the
    /// next. Inside a queue: higher priority first, then `run_at`, then id.
    pub fn new(
        worker: WorkerName,
        queues: Vec<QueueName>,
        limit: u32,
    ) -> Result<Self, InvalidBatch> {
        check_size(queues.len(), MAX_CLAIM_QUEUES)?;
        check_unique("queue", &queues, Clone::clone)?;
        check_range("the claim limit", limit.into(), 1, MAX_BATCH as u64)?;
        Ok(Self {
            worker,
            queues,
            kinds: None,
            limit,
            lease: DEFAULT_LEASE,
        })
    }

    /// Only these kinds: jobs of other kinds stay for a process that knows them.
    pub fn kinds(mut self, kinds: Vec<KindName>) -> Result<Self, InvalidBatch> {
        check_size(kinds.len(), MAX_BATCH)?;
        self.kinds = Some(kinds);
        Ok(self)
    }

    /// With leases of another length, from 100 ms to 24 h.
    pub fn lease_for(mut self, lease: Duration) -> Result<Self, InvalidBatch> {
        check_lease(lease)?;
        self.lease = lease;
        Ok(self)
    }

    /// Who asks.
    #[must_use]
    pub fn worker(&self) -> &WorkerName {
        &self.worker
    }

    /// From which queues, first to last.
    #[must_use]
    pub fn queues(&self) -> &[QueueName] {
        &self.queues
    }

    /// Which kinds, if not all.
    #[must_use]
    pub fn only_kinds(&self) -> Option<&[KindName]> {
        self.kinds.as_deref()
    }

    /// How many at most.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// For how long.
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.lease
    }
}
