//! A caller: one request per connection, written by hand, since some of them are to be bad.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// As RFC 9457 has it, with the code.
    pub(crate) fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self:?}"
        );
        let body = self.json();
        assert_eq!(body["status"], self.status, "{self:?}");
        for member in ["type", "title", "detail"] {
            assert!(
                body[member].as_str().is_some_and(|text| !text.is_empty()),
                "{self:?}"
            );
        }
        body["code"].as_str().unwrap().to_owned()
    }
}

/// A connection on which a request is under way.
pub(crate) struct Call(TcpStream);

impl Call {
    /// Sends the head, and of the body what there is.
    pub(crate) fn begin(place: &str, head: &str, body: &[u8]) -> Self {
        let mut stream = TcpStream::connect(place).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let head = head.replace('\n', "\r\n");
        let head = format!("{head}\r\nHost: reviews\r\nConnection: close\r\n\r\n");
        // In one piece: a server that has read enough may answer and go before the next.
        let request = [head.as_bytes(), body].concat();
        stream.write_all(&request).unwrap();
        Self(stream)
    }

    pub(crate) fn more(&mut self, body: &[u8]) {
        self.0.write_all(body).unwrap();
    }

    pub(crate) fn answer(mut self) -> Answer {
        let mut text = Vec::new();
        // A server that does not want the rest of a body resets the connection behind its answer.
        let read = self.0.read_to_end(&mut text);
        let text = String::from_utf8(text).unwrap();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            panic!("no answer: {read:?} {text:?}");
        };
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer {
            status,
            head: head.replace("\r\n", "\n"),
            body: body.to_owned(),
        }
    }
}

pub(crate) fn get(place: &str, path: &str) -> Answer {
    Call::begin(place, &format!("GET {path} HTTP/1.1"), b"").answer()
}

/// Asks for a review, with more headers if need be: each a line.
pub(crate) fn post(place: &str, body: &str, headers: &str) -> Answer {
    let head = format!(
        "POST /v1/reviews HTTP/1.1\nContent-Type: application/json\nContent-Length: {}{headers}",
        body.len()
    );
    Call::begin(place, &head, body.as_bytes()).answer()
}
