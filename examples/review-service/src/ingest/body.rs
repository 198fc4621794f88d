//! Reads a body, within bounds of size and time.

use std::error::Error;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use http_body_util::LengthLimitError;

use super::problem::Problem;
use crate::config::IngestSection;

/// The body, or what is wrong with it.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    settings: &IngestSection,
) -> Result<Bytes, Problem> {
    check_type(headers)?;
    let told = headers.get(CONTENT_LENGTH);
    let told = told.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|bytes| bytes > settings.max_body as u64) {
        return Err(too_long(settings.max_body));
    }
    let reading = axum::body::to_bytes(body, settings.max_body);
    match tokio::time::timeout(settings.body_timeout.get(), reading).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_long(&error) => Err(too_long(settings.max_body)),
        Ok(Err(_)) => Err(Problem::own(
            StatusCode::BAD_REQUEST,
            "body_unreadable",
            "The body did not come whole.",
            "the connection ended before the body did",
        )),
        Err(_) => Err(Problem::own(
            StatusCode::REQUEST_TIMEOUT,
            "body_too_slow",
            "The body did not come in time.",
            format_args!("a body has {} to come", settings.body_timeout),
        )),
    }
}

fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = given
        .and_then(|text| text.split(';').next())
        .unwrap_or_default();
    if essence.trim().eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::own(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "not_json",
        "The body is not said to be JSON.",
        "send the header `Content-Type: application/json`",
    ))
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if error.is::<LengthLimitError>() {
            return true;
        }
        next = error.source();
    }
    false
}

fn too_long(most: usize) -> Problem {
    Problem::own(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_long",
        "The body is too long.",
        format_args!("a request has at most {most} bytes"),
    )
}
