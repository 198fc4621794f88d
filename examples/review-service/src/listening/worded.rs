//! A head that is none never comes to a page: hyper answers it by itself, with a status and nothing else. Here it
//! gets the body that every other answer has which is no success.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::ingest::{Problem, REQUEST_ID, RequestId};

/// A connection that says why.
#[derive(Debug)]
pub(super) struct Worded<S> {
    stream: S,
    /// What is written instead of what was to be.
    instead: Option<Instead>,
}

#[derive(Debug)]
struct Instead {
    text: Vec<u8>,
    written: usize,
}

impl<S> Worded<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            instead: None,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Worded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Worded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Self { stream, instead } = &mut *self;
        let mut stream = Pin::new(stream);
        if instead.is_none() {
            *instead = problem(bytes).map(|text| Instead { text, written: 0 });
        }
        let Some(Instead { text, written }) = instead else {
            return stream.poll_write(cx, bytes);
        };
        while let Some(rest) = text.get(*written..).filter(|rest| !rest.is_empty()) {
            match ready!(stream.as_mut().poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                more => *written += more,
            }
        }
        *instead = None;
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// What to say in the place of an answer that is a head of these and nothing else. No page gives one.
fn problem(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = std::str::from_utf8(bytes).ok()?.strip_suffix("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?;
    let has_body = |line: &str| {
        let name = line.split(':').next().unwrap_or_default();
        name.eq_ignore_ascii_case("content-type")
    };
    if lines.any(has_body) {
        return None;
    }
    let (code, title, detail) = match status {
        "400" => (
            "head_unreadable",
            "The head of the request cannot be read.",
            "it is a line like `POST /v1/reviews HTTP/1.1` and headers, without control characters in either",
        ),
        "414" | "431" => (
            "head_too_long",
            "The head of the request is too long.",
            "its line and headers have at most 16384 bytes together",
        ),
        _ => return None,
    };
    let status = status.parse().ok()?;
    let body = serde_json::to_string(&Problem::own(status, code, title, detail)).ok()?;
    let id = RequestId::given_or_made(None);
    tracing::info!(request_id = %id, code, "a request had no head that can be read");
    let reason = status.canonical_reason().unwrap_or_default();
    Some(
        format!(
            "HTTP/1.1 {} {reason}\r\ncontent-type: {}\r\ncontent-length: {}\r\nconnection: close\r\n{REQUEST_ID}: {id}\r\n\r\n{body}",
            StatusCode::as_str(&status),
            Problem::MEDIA_TYPE,
            body.len(),
        )
        .into_bytes(),
    )
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn written(text: &str) -> String {
        let mut wire = Vec::new();
        let mut worded = Worded::new(&mut wire);
        worded.write_all(text.as_bytes()).await.unwrap();
        String::from_utf8(wire).unwrap()
    }

    #[tokio::test]
    async fn a_bare_refusal_gets_words() {
        for (status, code) in [
            ("400 Bad Request", "head_unreadable"),
            ("414 URI Too Long", "head_too_long"),
            ("431 Request Header Fields Too Large", "head_too_long"),
        ] {
            let bare =
                format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
            let said = written(&bare).await;
            let (head, body) = said.split_once("\r\n\r\n").unwrap();
            assert!(
                head.starts_with(&format!("HTTP/1.1 {status}\r\n")),
                "{head}"
            );
            assert!(head.contains("application/problem+json"), "{head}");
            assert!(head.contains(&format!("content-length: {}\r\n", body.len())));
            let body: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(body["code"], code);
        }
    }

    #[tokio::test]
    async fn every_other_answer_is_as_it_was() {
        for text in [
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
            "{\"a\": \"HTTP/1.1 400 Bad Request\"}\r\n\r\n",
            "",
        ] {
            assert_eq!(written(text).await, text);
        }
    }
}
