//! What is answered where nothing was done: problem details (RFC 9457).

use std::fmt;
use std::time::Duration;

use axum::Extension;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use queue_core::Code;
use queue_core::contract::{Problem as OfContract, Rejection};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::RequestId;

/// The body of an answer that is no success.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Problem(Box<Members>);

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Members {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    detail: String,
    code: String,
    #[serde(flatten)]
    more: Map<String, Value>,
    #[serde(skip)]
    retry_after: Option<Duration>,
}

impl Problem {
    /// What its bodies are.
    pub const MEDIA_TYPE: &str = OfContract::MEDIA_TYPE;

    fn new(kind: String, title: &str, status: u16, detail: String, code: String) -> Self {
        Self(Box::new(Members {
            kind,
            title: title.to_owned(),
            status,
            detail,
            code,
            more: Map::new(),
            retry_after: None,
        }))
    }

    /// One of the service's own.
    #[must_use]
    pub fn own(status: StatusCode, code: &str, title: &str, detail: impl fmt::Display) -> Self {
        let kind = format!("urn:review-service:code:{code}");
        Self::new(
            kind,
            title,
            status.as_u16(),
            detail.to_string(),
            code.to_owned(),
        )
    }

    /// One that the library has a code for.
    #[must_use]
    pub fn of(status: StatusCode, code: Code, detail: impl fmt::Display) -> Self {
        let (kind, title) = (format!("urn:leasehold:code:{code}"), code.entry().meaning);
        Self::new(
            kind,
            title,
            status.as_u16(),
            detail.to_string(),
            code.to_string(),
        )
    }

    /// A document that does not keep its contract, with every diagnostic.
    #[must_use]
    pub fn rejected(rejection: &Rejection) -> Self {
        let said = rejection.problem();
        let code = rejection.problems().next();
        let code = code.map_or_else(|| rejection.code(), |problem| problem.code);
        Self::new(
            said.kind,
            said.title,
            said.status,
            said.detail,
            code.to_string(),
        )
        .with("contract", json!(said.contract))
        .with("sha256", json!(said.sha256))
        .with("diagnostics", json!(said.diagnostics))
    }

    /// With something that programs read.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.more.insert(name.to_owned(), value);
        self
    }

    /// Not before this long.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(Self::MEDIA_TYPE));
        if let Some(wait) = self.0.retry_after {
            // In whole seconds, and never at once.
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
                headers.insert(RETRY_AFTER, value);
            }
        }
        response
    }
}

/// No page has this address.
pub(super) async fn nothing_there(Extension(id): Extension<RequestId>) -> Problem {
    tracing::debug!(%id, "no such page");
    Problem::own(
        StatusCode::NOT_FOUND,
        "no_such_page",
        "There is nothing at this address.",
        "reviews are asked for by POST /v1/reviews, and looked up at /v1/reviews/CHANGELIST/VERSION",
    )
}

/// The page is there, and not for this.
pub(super) async fn no_such_method() -> Problem {
    Problem::own(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "The address does not take this method.",
        "reviews are asked for by POST /v1/reviews; everything else is read by GET",
    )
}
