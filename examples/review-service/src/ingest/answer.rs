//! What a request came to.

use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use queue_core::{Code, Enqueued, Revision};
use serde_json::json;

use super::problem::Problem;

/// What became of a request, by the rules on keys, subjects and revisions.
pub(super) struct Answer {
    pub(super) enqueued: Enqueued,
    pub(super) changelist: u64,
    pub(super) version: u64,
    pub(super) correlation: String,
}

impl Answer {
    /// As HTTP says it.
    pub(super) fn into_response(self) -> Result<Response, Problem> {
        match self.enqueued {
            Enqueued::Created(_) => Ok(self.told(StatusCode::CREATED)),
            Enqueued::Duplicate(_) | Enqueued::AlreadySucceeded(_) => Ok(self.told(StatusCode::OK)),
            Enqueued::StaleRevision { latest, .. } => Err(self.conflict(
                Code::StaleRevision,
                latest,
                format!("version {latest} of the review has succeeded, which is newer"),
            )),
            Enqueued::RerunRequired { latest, .. } => Err(self.conflict(
                Code::RerunRequired,
                latest,
                format!("version {latest} of the review has succeeded: say `\"rerun\": true` for another"),
            )),
        }
    }

    fn told(self, status: StatusCode) -> Response {
        let job = self.enqueued.job();
        let (changelist, version) = (self.changelist, self.version);
        let body = json!({
            "outcome": self.enqueued.code(),
            "job": job,
            "changelist_id": changelist,
            "review_version": version,
            "correlation_id": self.correlation,
        });
        let mut response = (status, Json(body)).into_response();
        let place = format!("/v1/reviews/{changelist}/{version}?job={job}");
        if let Ok(place) = HeaderValue::from_str(&place) {
            response.headers_mut().insert(LOCATION, place);
        }
        response
    }

    fn conflict(&self, code: Code, latest: Revision, detail: String) -> Problem {
        Problem::of(StatusCode::CONFLICT, code, detail)
            .with("job", json!(self.enqueued.job()))
            .with("latest_review_version", json!(latest))
            .with("changelist_id", json!(self.changelist))
            .with("review_version", json!(self.version))
    }
}
