//! Layers around enqueueing and around execution: tracing, timing, who may what.

mod slow;
mod trace;

use async_trait::async_trait;
use futures::future::BoxFuture;

pub use slow::SlowJobs;
pub use trace::TraceContext;

use crate::{Cause, Context, Done, JobError, NewJob};

/// Why a middleware did not let a job in.
pub type Refusal = Cause;

/// A layer around what goes in and what runs. Both methods do nothing unless they are overridden.
///
/// ```
/// use async_trait::async_trait;
/// use queue_core::{Middleware, NewJob, Queue, Refusal, memory::MemoryStore};
///
/// /// No job without a tenant.
/// struct Tenancy;
///
/// #[async_trait]
/// impl Middleware for Tenancy {
///     fn enqueue(&self, job: &mut NewJob) -> Result<(), Refusal> {
///         match job.tenant {
///             Some(_) => Ok(()),
///             None => Err("say whose job it is: .tenant(…)".into()),
///         }
///     }
/// }
///
/// # use serde::{Deserialize, Serialize};
/// # #[derive(Serialize, Deserialize)]
/// # struct Report;
/// # impl queue_core::Job for Report { const KIND: &'static str = "report"; }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let queue = Queue::new(MemoryStore::default()).with(Tenancy);
/// let error = queue.enqueue(Report).await.unwrap_err();
/// assert_eq!(error.code(), "refused_by_middleware");
/// assert!(queue.enqueue(Report).tenant("acme").await.is_ok());
/// # }
/// ```
#[async_trait]
pub trait Middleware: Send + Sync + 'static {
    /// Sees a job before it is stored: may add headers to it, or refuse it.
    fn enqueue(&self, job: &mut NewJob) -> Result<(), Refusal> {
        let _ = job;
        Ok(())
    }

    /// Runs around the handler: whatever it returns is what the attempt came to.
    async fn execute(&self, context: &Context, next: Next<'_>) -> Result<Done, JobError> {
        let _ = context;
        next.run().await
    }
}

/// What remains to be run: the layers further in, and the handler.
pub struct Next<'n> {
    pub(crate) layers: &'n [std::sync::Arc<dyn Middleware>],
    pub(crate) context: &'n Context,
    pub(crate) handler: BoxFuture<'n, Result<Done, JobError>>,
}

impl<'n> Next<'n> {
    /// Runs it.
    #[must_use]
    pub fn run(self) -> BoxFuture<'n, Result<Done, JobError>> {
        match self.layers.split_first() {
            None => self.handler,
            Some((first, layers)) => {
                let context = self.context;
                first.execute(context, Next { layers, ..self })
            }
        }
    }
}

impl std::fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Next")
            .field("layers", &self.layers.len())
            .finish_non_exhaustive()
    }
}
