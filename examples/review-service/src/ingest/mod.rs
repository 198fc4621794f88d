//! The way in: HTTP, within bounds, held to a contract.
//!
//! | answer | when |
//! |---|---|
//! | 201 | the review is a job now |
//! | 200 | it was there already: the same key, or a review of this version that succeeded |
//! | 403 | a path that is not allowed |
//! | 409 | a newer version was reviewed, or an older one and nobody said `rerun`; the key was given for something else |
//! | 413, 415, 422 | the body is too long, is no JSON, does not keep the contract: with every diagnostic |
//! | 408 | the body took too long to come |
//! | 429 | so many requests are under way already |
//! | 503 | the database does not answer |
//!
//! Whatever is no success is a problem as RFC 9457 has it. Every answer carries the id of its request.

mod answer;
mod body;
mod contract;
mod health;
mod lookup;
mod place;
mod problem;
mod request_id;
mod submit;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use queue_core::contract::Contract;
use queue_core::{Cause, Queue};
use tokio::sync::Semaphore;

use crate::allowed::Allowed;
use crate::config::IngestSection;
use crate::meters::Meters;

pub use contract::contract;
pub use problem::Problem;
pub use request_id::{REQUEST_ID, RequestId};

/// What the handlers of requests share.
#[derive(Debug, Clone)]
pub struct Ingest(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    queue: Queue,
    allowed: Allowed,
    contract: Contract,
    places: Arc<Semaphore>,
    meters: Meters,
    settings: IngestSection,
}

impl Ingest {
    /// For jobs of this queue and paths of this list.
    pub fn new(
        queue: Queue,
        allowed: Allowed,
        meters: Meters,
        settings: IngestSection,
    ) -> Result<Self, Cause> {
        Ok(Self(Arc::new(Shared {
            queue,
            allowed,
            contract: contract(settings.max_body)?,
            places: Arc::new(Semaphore::new(settings.max_in_flight)),
            meters,
            settings,
        })))
    }

    /// What is served.
    pub fn router(self) -> Router {
        Router::new()
            .route("/v1/reviews", post(submit::submit))
            .route("/v1/reviews/{changelist}/{version}", get(lookup::look_up))
            .route("/healthz", get(health::health))
            .route("/metrics", get(health::metrics))
            .fallback(problem::nothing_there)
            .method_not_allowed_fallback(problem::no_such_method)
            .layer(axum::middleware::from_fn(request_id::with_id))
            .with_state(self)
    }

    fn patience(&self) -> Duration {
        self.0.settings.retry_after.get()
    }
}
