use async_trait::async_trait;

use crate::middleware::{Middleware, Next, Refusal};
use crate::{CORRELATION_ID, Context, Done, Headers, JobError, NewJob, TRACE_PARENT, TRACE_STATE};

tokio::task_local! {
    /// What the enqueuer's own work belongs to.
    static SCOPE: Headers;
}

/// Carries correlation id and W3C trace context from whoever enqueues to the handler, and from a job
/// to the jobs that its handler enqueues.
///
/// ```
/// use queue_core::{CORRELATION_ID, Headers, Queue, TraceContext, memory::MemoryStore};
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize)]
/// # struct Report;
/// # impl queue_core::Job for Report { const KIND: &'static str = "report"; }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let queue = Queue::new(MemoryStore::default()).with(TraceContext);
/// // In a web handler: what the request brought along.
/// let mut request = Headers::new();
/// request.insert("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")?;
/// request.insert(CORRELATION_ID, "order 42")?;
/// let job = TraceContext::scope(request, async { queue.enqueue(Report).await }).await?.job();
///
/// let stored = queue.store().job(job).await?.unwrap();
/// assert_eq!(stored.headers.get(CORRELATION_ID), Some("order 42"));
/// assert!(stored.headers.get("traceparent").unwrap().starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct TraceContext;

impl TraceContext {
    /// Runs something whose jobs belong to what these headers name: `correlation_id`, `traceparent`,
    /// `tracestate`. Others are left out.
    pub async fn scope<F: Future>(headers: Headers, work: F) -> F::Output {
        SCOPE.scope(headers, work).await
    }
}

const CARRIED: [&str; 3] = [CORRELATION_ID, TRACE_PARENT, TRACE_STATE];

#[async_trait]
impl Middleware for TraceContext {
    /// A header that the job has already stays as it is.
    fn enqueue(&self, job: &mut NewJob) -> Result<(), Refusal> {
        let carried = SCOPE.try_with(|scope| {
            for name in CARRIED {
                if let Some(value) = scope.get(name)
                    && job.headers.get(name).is_none()
                {
                    job.headers.insert(name, value)?;
                }
            }
            Ok(())
        });
        // Outside of any scope there is nothing to carry.
        carried.unwrap_or(Ok(()))
    }

    async fn execute(&self, context: &Context, next: Next<'_>) -> Result<Done, JobError> {
        SCOPE.scope(context.headers().clone(), next.run()).await
    }
}
