//! Running handlers: whatever one comes to, a panic included, becomes an outcome.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt;
use tracing::Instrument;

use crate::middleware::Next;
use crate::worker::core::{Core, How, Known};
use crate::worker::done::Rest;
use crate::worker::handler::Attempt;
use crate::worker::holding::Holding;
use crate::{
    Cancellation, Completion, Context, Done, ErrorClass, Failure, Jitter, JobError, Outcome, Queue,
    RetryPolicy, Transition, decide,
};

/// A slot: runs one job after the other, as long as there are any.
pub(crate) async fn slot<S: Send + Sync + 'static>(core: Arc<Core<S>>) {
    while let Some(holding) = core.hands.next() {
        let how = if holding.is_current(Instant::now()) && holding.why().is_none() {
            execute(&core, &holding).await
        } else {
            // It was lost or cancelled while it waited: no reason to begin.
            How::Settle(decided(
                &holding,
                Outcome::Released,
                &RetryPolicy::default(),
            ))
        };
        core.end(holding, how);
        // Handlers that never wait must not keep the others of this thread from running.
        tokio::task::coop::consume_budget().await;
    }
}

/// Runs one attempt and decides what follows.
pub(crate) async fn execute<S: Send + Sync + 'static>(
    core: &Core<S>,
    holding: &Arc<Holding>,
) -> How {
    let job = &holding.job;
    let Some(known) = core.known(&job.kind) else {
        // A store that hands out what was not asked for: it goes back.
        return How::Settle(decided(holding, Outcome::Released, &RetryPolicy::default()));
    };
    let begun = Instant::now();
    let span = tracing::info_span!(
        "job",
        id = %job.id(),
        kind = %job.kind,
        queue = %job.queue,
        attempt = job.progress.attempt,
        correlation_id = job.headers.get(crate::CORRELATION_ID),
        trace_parent = job.headers.get(crate::TRACE_PARENT),
    );
    let outcome = async {
        let came_to = attempt(core, known, holding, begun).await;
        let rest = rest(&core.queue, holding, came_to);
        if let Rest::Settle(Outcome::Failed(failure)) = &rest {
            tracing::warn!(
                error_class = %failure.class,
                retryable = failure.is_retryable(),
                error = %failure.message,
                "an attempt failed"
            );
        }
        rest
    };
    let rest = outcome.instrument(span).await;
    let took = begun.elapsed();
    core.pace.attempted(took, job.payload.bytes().len());
    known.meters(&job.queue).duration.record(took.as_secs_f64());
    match rest {
        Rest::Settle(outcome) => How::Settle(decided(holding, outcome, &known.kind.retry)),
        Rest::Settled(state) => How::Settled(state),
    }
}

/// How an attempt ended.
enum CameTo {
    Returned(Result<Done, JobError>),
    Panicked(Box<dyn Any + Send>),
    /// It was dropped, after its deadline and the grace.
    Dropped,
}

async fn attempt<S: Send + Sync + 'static>(
    core: &Core<S>,
    known: &Known<S>,
    holding: &Arc<Holding>,
    begun: Instant,
) -> CameTo {
    let deadline = known
        .kind
        .timeout
        .and_then(|timeout| begun.checked_add(timeout));
    let context = core.context(holding, deadline);
    let handler = async {
        let job = &holding.job;
        let contracts = core.queue.contracts();
        let handler = match contracts.readable(&job.kind, &job.payload, &job.headers) {
            Ok(payload) => known.handler.begin(&payload, context),
            // The same payload would be refused the same way.
            Err(error) => Box::pin(std::future::ready(Err(JobError::from(error)))),
        };
        layered(core, holding, deadline, handler).await
    };
    // What a panic may leave half done is the handler's own; the worker shares nothing with it.
    let handler = std::pin::pin!(AssertUnwindSafe(handler).catch_unwind());
    let ended = match deadline {
        None => handler.await,
        Some(deadline) => match within(handler, holding, deadline, core.settings.grace).await {
            Some(ended) => ended,
            None => return CameTo::Dropped,
        },
    };
    match ended {
        Ok(returned) => CameTo::Returned(returned),
        Err(panic) => CameTo::Panicked(panic),
    }
}

async fn layered<S>(
    core: &Core<S>,
    holding: &Arc<Holding>,
    deadline: Option<Instant>,
    handler: Attempt,
) -> Result<Done, JobError> {
    let layers = core.queue.middleware();
    if layers.is_empty() {
        return handler.await;
    }
    let context = Context::new(
        Arc::clone(holding),
        core.queue.clone(),
        Arc::clone(&core.stateless),
        deadline,
    );
    let next = Next {
        layers,
        context: &context,
        handler,
    };
    next.run().await
}

/// Waits for the handler; tells it to stop at its deadline, and waits no longer than the grace.
async fn within<T>(
    mut handler: impl Future<Output = T> + Unpin,
    holding: &Holding,
    deadline: Instant,
    grace: std::time::Duration,
) -> Option<T> {
    if let Ok(ended) = tokio::time::timeout_at(deadline.into(), &mut handler).await {
        return Some(ended);
    }
    holding.cancel(Cancellation::DeadlineExceeded);
    tokio::time::timeout(grace, handler).await.ok()
}

fn rest(queue: &Queue, holding: &Holding, came_to: CameTo) -> Rest {
    let failure = match came_to {
        CameTo::Returned(Ok(done)) => match done.into_rest() {
            Rest::Settle(Outcome::Done(completion)) => {
                return concluded(queue, holding, completion);
            }
            rest => return rest,
        },
        CameTo::Returned(Err(error)) => match holding.why() {
            Some(Cancellation::Shutdown) => return Rest::Settle(Outcome::Released),
            Some(Cancellation::DeadlineExceeded) => {
                let failure = error.into_failure();
                let text = format!("the handler ran past its deadline: {}", failure.message);
                let late = Failure::retryable(ErrorClass::deadline_exceeded(), text);
                return Rest::Settle(Outcome::Failed(match failure.stage {
                    Some(stage) => late.in_stage(stage),
                    None => late,
                }));
            }
            _ => return Rest::Settle(Outcome::Failed(error.into_failure())),
        },
        CameTo::Panicked(panic) => {
            Failure::permanent(ErrorClass::handler_panic(), panic_text(&*panic))
        }
        CameTo::Dropped => Failure::retryable(
            ErrorClass::deadline_exceeded(),
            "the handler ran past its deadline and did not stop when it was told to",
        ),
    };
    // It could not say itself where it was.
    Rest::Settle(Outcome::Failed(match holding.stage() {
        Some(stage) => failure.in_stage(stage),
        None => failure,
    }))
}

/// If the result or a follow-up job is refused, the attempt failed.
fn concluded(queue: &Queue, holding: &Holding, mut completion: Completion) -> Rest {
    Rest::Settle(match queue.conclude(&holding.job, &mut completion) {
        Ok(()) => Outcome::Done(completion),
        Err(error) => Outcome::Failed(error.into_failure()),
    })
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("the handler panicked: {}", text.unwrap_or("(no text)"))
}

pub(crate) fn decided(holding: &Holding, outcome: Outcome, policy: &RetryPolicy) -> Transition {
    let max_attempts = holding.job.max_attempts;
    let transition = decide(
        outcome,
        &holding.progress(),
        max_attempts,
        policy,
        Jitter::random(),
    );
    let job = &holding.job;
    holding.escalations.on(transition, &job.queue, &job.kind)
}
