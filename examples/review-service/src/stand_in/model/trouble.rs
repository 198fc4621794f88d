//! What the stand-in does instead of answering.

use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, Response, StatusCode};
use futures::stream;
use serde_json::json;

use crate::stand_in::behaviour::ModelBehaviour;

/// Gives an answer that is none, if it is that behaviour's turn; `before` is how often it was asked already.
pub(super) async fn instead(
    behaviour: ModelBehaviour,
    before: u64,
    headers: &HeaderMap,
) -> Option<Response<Body>> {
    if before >= u64::from(behaviour.failures()) {
        return None;
    }
    Some(match behaviour {
        ModelBehaviour::BusyForSeconds(_) => busy(headers, "1".to_owned()),
        ModelBehaviour::BusyUntilDate(_) => {
            let until = SystemTime::now() + Duration::from_secs(1);
            busy(headers, httpdate::fmt_http_date(until))
        }
        ModelBehaviour::Silent(_) => std::future::pending().await,
        ModelBehaviour::BreaksOff(_) => broken_off(),
        ModelBehaviour::TooLong => said(
            StatusCode::BAD_REQUEST,
            "context_length_exceeded",
            headers,
            None,
        ),
        ModelBehaviour::Unavailable => {
            said(StatusCode::SERVICE_UNAVAILABLE, "overloaded", headers, None)
        }
        _ => said(
            StatusCode::INTERNAL_SERVER_ERROR,
            "server_error",
            headers,
            None,
        ),
    })
}

fn busy(headers: &HeaderMap, wait: String) -> Response<Body> {
    let status = StatusCode::TOO_MANY_REQUESTS;
    said(status, "rate_limit_exceeded", headers, Some(wait))
}

/// A refusal as careless servers write it: with all that they were sent, the key too.
fn said(
    status: StatusCode,
    code: &str,
    headers: &HeaderMap,
    wait: Option<String>,
) -> Response<Body> {
    let message = format!("{status}; you sent {headers:?}");
    let key = headers
        .get("authorization")
        .and_then(|key| key.to_str().ok());
    let body =
        json!({ "error": { "code": code, "type": "error", "message": message, "key": key } });
    let mut response = Response::builder()
        .status(status)
        .header(CONTENT_TYPE, "application/json");
    if let Some(wait) = wait {
        response = response.header(RETRY_AFTER, wait);
    }
    response
        .body(Body::from(body.to_string()))
        .unwrap_or_default()
}

/// The beginning of an answer, and then the connection ends.
fn broken_off() -> Response<Body> {
    let beginning = Ok(r#"{"model": "stand-in", "choices": [{"message": {"content": "{\"sche"#);
    let end = Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
    Response::new(Body::from_stream(stream::iter([beginning, end])))
}
