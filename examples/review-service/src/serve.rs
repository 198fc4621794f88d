//! `review-service serve`: takes requests.

use queue_core::Queue;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::allowed::Allowed;
use crate::config::ServiceConfig;
use crate::ingest::Ingest;
use crate::listening;
use crate::meters::Meters;
use crate::running::Failed;

/// Serves until it is told to stop; requests that have begun are finished.
pub async fn serve(
    config: &ServiceConfig,
    queue: Queue,
    allowed: Allowed,
    meters: Meters,
    stop: CancellationToken,
) -> Result<(), Failed> {
    let ingest = Ingest::new(queue, allowed, meters, config.ingest.clone())?;
    let listener = TcpListener::bind(config.ingest.listen).await;
    let listener = listener.map_err(|error| Failed::listen(config.ingest.listen, &error))?;
    let place = listener
        .local_addr()
        .map_err(|error| Failed::listen(config.ingest.listen, &error))?;
    tracing::info!(listen = %place, "taking requests");
    listening::serve(listener, ingest.router(), stop).await;
    Ok(())
}
