//! `/healthz` and `/metrics`.

use axum::extract::State;
use axum::response::Response;

use super::Ingest;
use crate::status;

/// Whether the database answers.
pub(super) async fn health(State(ingest): State<Ingest>) -> Response {
    status::health(&ingest.0.queue).await
}

/// What is counted, as Prometheus reads it.
pub(super) async fn metrics(State(ingest): State<Ingest>) -> Response {
    status::metrics(&ingest.0.meters)
}
