//! A worker's own `/healthz` and `/metrics`.

use std::net::SocketAddr;

use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use queue_core::Queue;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::meters::Meters;
use crate::running::Failed;

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
    axum::serve(listener, pages)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
        .map_err(|error| Failed::listen(place, &error))
}

/// Whether the database answers.
pub(crate) async fn health(queue: &Queue) -> Response {
    match queue.store().now().await {
        Ok(_) => axum::Json(json!({ "status": "ok" })).into_response(),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            let body = json!({ "status": "failing", "database": error.code() });
            (StatusCode::SERVICE_UNAVAILABLE, axum::Json(body)).into_response()
        }
    }
}

/// What is counted, as Prometheus reads it.
pub(crate) fn metrics(meters: &Meters) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], meters.text()).into_response()
}
