//! What a far side answered.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};

use super::retry_after::asked_by;

/// How long the rest of an answer may take once its status is there: it only explains.
const PATIENCE: Duration = Duration::from_secs(5);

/// A status, and as much as was read of the rest.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    complete: bool,
}

impl Answer {
    /// Reads on until the end, the limit, an error or impatience: the status counts in any case.
    pub(super) async fn read(mut response: Response, limit: usize) -> Self {
        let mut answer = Self {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: Vec::new(),
            complete: false,
        };
        let reading = async {
            while let Ok(next) = response.chunk().await {
                let Some(chunk) = next else {
                    answer.complete = true;
                    break;
                };
                let room = limit.saturating_sub(answer.body.len());
                answer.body.extend(chunk.iter().take(room));
                if chunk.len() > room {
                    break;
                }
            }
        };
        // What is not read to its end costs the connection, and no more.
        let _ = tokio::time::timeout(PATIENCE, reading).await;
        answer
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// What was read, as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Everything that was answered, if it was all read and is JSON.
    #[cfg(feature = "provider")]
    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        self.complete
            .then(|| serde_json::from_slice(&self.body).ok())
            .flatten()
    }

    #[cfg(feature = "email-api")]
    pub(crate) fn header(&self, name: &reqwest::header::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// How long it asks us to wait.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        asked_by(&self.headers, SystemTime::now())
    }
}
