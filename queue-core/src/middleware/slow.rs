use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::middleware::{Middleware, Next};
use crate::{Context, Done, JobError};

/// Warns of handlers that take longer than they should.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{Queue, SlowJobs, memory::MemoryStore};
/// let queue = Queue::new(MemoryStore::default()).with(SlowJobs::over(Duration::from_secs(10)));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct SlowJobs {
    bound: Duration,
}

impl SlowJobs {
    /// Those that take longer than this.
    #[must_use]
    pub fn over(bound: Duration) -> Self {
        Self { bound }
    }
}

#[async_trait]
impl Middleware for SlowJobs {
    async fn execute(&self, context: &Context, next: Next<'_>) -> Result<Done, JobError> {
        let begun = Instant::now();
        let result = next.run().await;
        let took = begun.elapsed();
        if took > self.bound {
            tracing::warn!(
                job = %context.id(),
                kind = %context.kind(),
                ?took,
                bound = ?self.bound,
                "a job took long"
            );
        }
        result
    }
}
