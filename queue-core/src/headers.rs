//! Small text values that travel with a job: correlation id, trace context, auth context.

use std::collections::BTreeMap;

use serde::Serialize;

/// The most bytes of names and values that one job carries beside its payload.
pub const MAX_HEADER_BYTES: usize = 16 * 1024;

/// The header that carries the correlation id.
pub const CORRELATION_ID: &str = "correlation_id";

/// The header that carries the W3C trace context.
pub const TRACE_PARENT: &str = "traceparent";

/// The header that carries what vendors add to the W3C trace context.
pub const TRACE_STATE: &str = "tracestate";

/// Why a header was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// The name is not one.
    #[error("`{0}` is not a header name: write 1 to 200 bytes of text without control characters")]
    Name(String),
    /// The value has a NUL, which Postgres can store neither as text nor as JSON.
    #[error("the header `{0}` has a NUL character: leave it out, or encode the value")]
    Nul(String),
    /// More than [`MAX_HEADER_BYTES`] together.
    #[error(
        "the headers have {size} bytes, the limit is {limit}: headers are read with every claim, put \
         larger things into the payload"
    )]
    TooLarge {
        /// How many.
        size: usize,
        /// How many at most.
        limit: usize,
    },
}

/// A job's headers by name: known to be storable in every backend.
///
/// ```
/// use queue_core::{CORRELATION_ID, Headers};
/// let mut headers = Headers::new();
/// headers.insert(CORRELATION_ID, "order 42").unwrap();
/// assert_eq!(headers.get(CORRELATION_ID), Some("order 42"));
/// let error = headers.insert("note", "a\0b").unwrap_err();
/// assert_eq!(error.to_string(), "the header `note` has a NUL character: leave it out, or encode the value");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Headers(BTreeMap<String, String>);

impl Headers {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What a store read back. It was checked when it came in and is not checked again, so that a
    /// lowered limit cannot make an accepted job unreadable.
    #[must_use]
    pub fn stored(headers: BTreeMap<String, String>) -> Self {
        Self(headers)
    }

    /// Sets a header; a refused one leaves them as they were.
    pub fn insert(
        &mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<(), InvalidHeader> {
        let (name, value) = (name.into(), value.into());
        if name.is_empty() || name.len() > 200 || name.contains(char::is_control) {
            let shown = name.chars().take(40).flat_map(char::escape_default);
            return Err(InvalidHeader::Name(shown.collect()));
        }
        if value.contains('\0') {
            return Err(InvalidHeader::Nul(name));
        }
        let others = self.0.iter().filter(|(other, _)| **other != name);
        let size = others
            .map(|(name, value)| name.len() + value.len())
            .sum::<usize>()
            + name.len()
            + value.len();
        if size > MAX_HEADER_BYTES {
            return Err(InvalidHeader::TooLarge {
                size,
                limit: MAX_HEADER_BYTES,
            });
        }
        self.0.insert(name, value);
        Ok(())
    }

    /// The value of a header.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Whether there are none: the case of nearly all jobs, stored as NULL.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_a_backend_could_not_hold_is_refused() {
        let mut headers = Headers::new();
        for name in ["", "a\0", "a\n", &"n".repeat(201)] {
            let refused = headers.insert(name, "v");
            assert!(matches!(refused, Err(InvalidHeader::Name(_))), "{name:?}");
        }
        assert_eq!(
            headers.insert("n", "a\0"),
            Err(InvalidHeader::Nul("n".into()))
        );
        assert!(headers.is_empty());
        headers.insert("n", "two\nlines \"quoted\" ü").unwrap();
    }

    #[test]
    fn headers_are_bounded_together_and_a_replaced_one_counts_once() {
        let mut headers = Headers::new();
        headers.insert("a", "x".repeat(10_000)).unwrap();
        let refused = headers.insert("b", "x".repeat(10_000)).unwrap_err();
        assert_eq!(
            refused,
            InvalidHeader::TooLarge {
                size: 20_002,
                limit: MAX_HEADER_BYTES
            }
        );
        headers
            .insert("a", "x".repeat(MAX_HEADER_BYTES - 1))
            .unwrap();
        assert!(headers.get("b").is_none());
    }
}
