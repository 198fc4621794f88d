//! A worker's own `/healthz` and `/metrics`.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use queue_core::{Queue, RoleName, Store, StoreError, WorkerName};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::listening;
use crate::meters::Meters;
use crate::running::Failed;

/// How long the database may take: as long as a writer waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);

/// Tells how the worker is, where it is asked to.
pub(crate) async fn serve(
    listen: Option<SocketAddr>,
    queue: Queue,
    meters: Meters,
    stop: CancellationToken,
) -> Result<(), Failed> {
    let Some(place) = listen else {
        stop.cancelled().await;
        return Ok(());
    };
    let listener = TcpListener::bind(place)
        .await
        .map_err(|error| Failed::listen(place, &error))?;
    let place = listener
        .local_addr()
        .map_err(|error| Failed::listen(place, &error))?;
    tracing::info!(listen = %place, "telling health and numbers");
    let pages = Router::new()
        .route("/healthz", get(async move || health(&queue).await))
        .route("/metrics", get(async move || metrics(&meters)));
    listening::serve(listener, pages, stop).await;
    Ok(())
}

/// Whether the database answers, and takes what is written: one that is locked, full or a standby answers, and takes no
/// reviews.
pub(crate) async fn health(queue: &Queue) -> Response {
    let failing = |code: &str| {
        let body = json!({ "status": "failing", "database": code });
        (StatusCode::SERVICE_UNAVAILABLE, axum::Json(body)).into_response()
    };
    match tokio::time::timeout(PATIENCE, write(&**queue.store())).await {
        Ok(Ok(())) => axum::Json(json!({ "status": "ok" })).into_response(),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the database does not take what is written");
            failing(error.code())
        }
        Err(_) => {
            tracing::warn!("the database does not answer in {PATIENCE:?}");
            failing("timeout")
        }
    }
}

/// A write that changes nothing: nobody has the role that is given up.
async fn write(store: &dyn Store) -> Result<(), StoreError> {
    let (Ok(role), Ok(nobody)) = (RoleName::new("review-health"), WorkerName::new("nobody")) else {
        return store.now().await.map(drop);
    };
    store.resign(&role, &nobody).await.map(drop)
}

/// What is counted, as Prometheus reads it.
pub(crate) fn metrics(meters: &Meters) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], meters.text()).into_response()
}
