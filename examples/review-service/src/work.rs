//! `review-service work`: does what was asked for, and sends the mails.

use queue_core::{Queue, Worker, WorkerBuilder};
use queue_ops::Exit;
use tokio_util::sync::CancellationToken;

use crate::allowed::Allowed;
use crate::artifacts::{RemoveArtifacts, remove_artifacts, tell};
use crate::config::ServiceConfig;
use crate::meters::Meters;
use crate::pipeline::review_change;
use crate::running::Failed;
use crate::service::Service;
use crate::status;

/// The name of the schedule.
const REMOVAL: &str = "review-artifacts";

/// Works until it is told to stop; reviews that have begun are finished, or given back.
pub async fn work(
    config: &ServiceConfig,
    queue: Queue,
    allowed: Allowed,
    meters: Meters,
    stop: CancellationToken,
) -> Result<(), Failed> {
    let service = Service::new(config, allowed)?;
    tell(service.artifacts().last_removal());
    let store = queue.store().clone();
    let deliverer = config.shared().delivery.deliverer(store);
    let deliverer = deliverer.map_err(|error| Failed::new(Exit::Config, error))?;
    let status = status::serve(config.worker.listen, queue.clone(), meters, stop.clone());
    let worker = worker(config, queue, service)?.build();
    let worker = worker.map_err(|error| Failed::new(Exit::Config, error))?;
    tracing::info!(
        concurrency = config.worker.concurrency,
        "working on reviews"
    );
    let working = worker.run(stop.clone().cancelled_owned());
    let delivering = async {
        let Some(deliverer) = deliverer else {
            tracing::warn!(
                "no channel is configured: mails wait for another process that sends them"
            );
            return Ok(None);
        };
        deliverer
            .run(stop.clone().cancelled_owned())
            .await
            .map(Some)
    };
    let (worked, delivered, told) = tokio::join!(
        stopping(working, &stop),
        stopping(delivering, &stop),
        stopping(status, &stop)
    );
    let worked = worked.map_err(|error| Failed::new(Exit::Unavailable, error))?;
    let delivered = delivered.map_err(|error| Failed::new(Exit::Unavailable, error))?;
    told?;
    tracing::info!(?worked, ?delivered, "stopped");
    Ok(())
}

/// What has ended ends the others: none of them is meant to end by itself.
async fn stopping<T>(part: impl Future<Output = T>, stop: &CancellationToken) -> T {
    let _ending = stop.clone().drop_guard();
    part.await
}

/// The worker, with a handler per kind and what comes by the clock.
pub fn worker(
    config: &ServiceConfig,
    queue: Queue,
    service: Service,
) -> Result<WorkerBuilder<Service>, Failed> {
    Ok(Worker::builder_with(queue, service)
        .handle(review_change)
        .handle(remove_artifacts)
        .every(
            REMOVAL,
            config.artifacts.remove_every.get(),
            RemoveArtifacts {},
        )
        .concurrency(config.worker.concurrency)
        .escalate(config.shared().delivery.escalations().clone())
        .soft_stop(config.worker.soft_stop.get()))
}
