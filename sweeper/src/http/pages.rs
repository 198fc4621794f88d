//! What is answered to whom.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use hyper::{HeaderMap, Method, Response, StatusCode};

use crate::health::Health;
use crate::metrics::Meters;

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
/// What Prometheus asks for, and every version of it reads.
const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What there is: the path, what it tells, and what it answers.
const PATHS: [(&str, &str, &str); 4] = [
    (
        "/livez",
        "whether the loops move; never asks the database",
        "200, or 503 with the loops that are stuck: restart it when this fails",
    ),
    (
        "/readyz",
        "whether the database answers, has the right schema, and can be written to",
        "200, or 503 with why not",
    ),
    (
        "/healthz",
        "everything, as JSON",
        "200 if `status` is `ok`, else 503: for people and programs that look closer",
    ),
    ("/metrics", "for Prometheus", "200"),
];

fn paths() -> String {
    let lines = PATHS.map(|(path, tells, _)| format!("{path:<9} {tells}\n"));
    lines.concat()
}

/// What pages are made of.
#[derive(Debug, Clone)]
pub(super) struct Pages {
    pub(super) health: Health,
    pub(super) meters: Meters,
}

struct Page {
    status: StatusCode,
    content_type: &'static str,
    text: String,
}

impl Page {
    fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            content_type: TEXT,
            text: text.into(),
        }
    }

    /// As probes read it.
    fn probe(problem: Option<String>, good: &str) -> Self {
        match problem {
            None => Self::text(StatusCode::OK, format!("{good}\n")),
            Some(problem) => Self::text(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("not {good}: {problem}\n"),
            ),
        }
    }
}

impl Pages {
    /// Answers a request, of which nothing but its head is read.
    pub(super) fn answer(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Response<Full<Bytes>> {
        let page = self.page(method, path, headers);
        let body = if method == Method::HEAD {
            String::new()
        } else {
            page.text.clone()
        };
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = page.status;
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            hyper::header::HeaderValue::from_static(page.content_type),
        );
        headers.insert(
            CACHE_CONTROL,
            hyper::header::HeaderValue::from_static("no-store"),
        );
        headers.insert(CONTENT_LENGTH, page.text.len().into());
        if page.status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, hyper::header::HeaderValue::from_static("GET, HEAD"));
        }
        response
    }

    fn page(&self, method: &Method, path: &str, headers: &HeaderMap) -> Page {
        if method != Method::GET && method != Method::HEAD {
            let text = "only GET and HEAD are answered\n";
            return Page::text(StatusCode::METHOD_NOT_ALLOWED, text);
        }
        if has_body(headers) {
            let text = "a request has no body here\n";
            return Page::text(StatusCode::PAYLOAD_TOO_LARGE, text);
        }
        match path {
            "/livez" => Page::probe(self.health.stuck(), "alive"),
            "/readyz" => Page::probe(
                self.health.stuck().or_else(|| self.health.unready()),
                "ready",
            ),
            "/healthz" => {
                let document = self.health.document();
                Page {
                    status: if document.is_ok() {
                        StatusCode::OK
                    } else {
                        StatusCode::SERVICE_UNAVAILABLE
                    },
                    content_type: JSON,
                    text: document.to_json(),
                }
            }
            "/metrics" => {
                let figures = self.health.state.figures();
                Page {
                    status: StatusCode::OK,
                    content_type: EXPOSITION,
                    text: self.meters.render(
                        figures.map(|(_, figures)| figures).as_ref(),
                        &self.health.channels(),
                    ),
                }
            }
            _ => Page::text(
                StatusCode::NOT_FOUND,
                format!("there is no such page; there are\n{}", paths()),
            ),
        }
    }
}

fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH);
    headers.contains_key(TRANSFER_ENCODING) || length.is_some_and(|length| length != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_what_there_is() {
        let row = |(path, tells, answers): (&str, &str, &str)| {
            format!("| `{path}` | {tells} | {answers} |\n")
        };
        let table = format!("| | | |\n|---|---|---|\n{}", PATHS.map(row).concat());
        fixtures::examples::compare_part("docs/reference/sweeper.md", "pages", &table);
    }

    /// A path that is answered and not listed, or the other way round.
    #[test]
    fn what_is_answered_is_listed() {
        let code = include_str!("pages.rs");
        let (_, code) = code.split_once("match path {").unwrap();
        let (arms, _) = code.split_once("_ => Page::text(").unwrap();
        let arms = arms
            .split("\"/")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap());
        let listed = PATHS.map(|(path, _, _)| path.trim_start_matches('/'));
        assert_eq!(arms.collect::<Vec<_>>(), listed);
    }
}
