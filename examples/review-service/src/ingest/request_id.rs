//! What a request is known by: in its answer, in the logs, and in its job.

use std::fmt;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

/// The header, in requests and answers.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longer ones are nobody's.
const LONGEST: usize = 128;

/// An id that the caller gave, or one that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// What the caller gave, if it is one: 1 to 128 printable characters of ASCII without spaces. What is
    /// none is not repeated anywhere.
    ///
    /// ```
    /// use review_service::ingest::RequestId;
    /// assert_eq!(RequestId::given_or_made(Some("ci-4711")).as_str(), "ci-4711");
    /// let made = RequestId::given_or_made(Some("two words\n"));
    /// assert_eq!(made.as_str().len(), 32);
    /// assert_ne!(made, RequestId::given_or_made(None));
    /// ```
    #[must_use]
    pub fn given_or_made(given: Option<&str>) -> Self {
        let fits = |text: &&str| {
            (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
        };
        match given.filter(fits) {
            Some(text) => Self(text.to_owned()),
            None => Self(format!("{:032x}", rand::random::<u128>())),
        }
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Gives every request its id, every line of its log, and its answer.
pub(super) async fn with_id(mut request: Request, next: Next) -> Response {
    let given = request.headers().get(&REQUEST_ID);
    let id = RequestId::given_or_made(given.and_then(|value| value.to_str().ok()));
    request.extensions_mut().insert(id.clone());
    let span = tracing::info_span!("request", request_id = %id);
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}
