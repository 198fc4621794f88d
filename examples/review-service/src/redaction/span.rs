//! Where in a text something is to be taken out.

use std::collections::HashSet;
use std::ops::Range;

use super::Class;

/// A part of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) bytes: Range<usize>,
    pub(super) class: Class,
}

/// In order, and none over another: those that overlap become one, of the class whose rule is the surer.
pub(super) fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    // `user:password@host` is no address, and the host is to stay.
    let infos = spans.iter().filter(|span| span.class == Class::UriUserinfo);
    let ends: HashSet<usize> = infos.map(|span| span.bytes.end).collect();
    let within = |span: &Span| span.bytes.clone().any(|at| ends.contains(&at));
    spans.retain(|span| span.class != Class::EmailAddress || !within(span));
    spans.sort_by_key(|span| (span.bytes.start, span.bytes.end, span.class));
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.bytes.start < last.bytes.end => {
                last.bytes.end = last.bytes.end.max(span.bytes.end);
                last.class = last.class.min(span.class);
            }
            _ => joined.push(span),
        }
    }
    joined
}

/// The text with the placeholder of each span in its place.
pub(super) fn replaced(text: &str, spans: &[Span]) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut from = 0;
    for span in spans {
        redacted.push_str(text.get(from..span.bytes.start).unwrap_or_default());
        redacted.push_str(span.class.placeholder());
        from = span.bytes.end;
    }
    redacted.push_str(text.get(from..).unwrap_or_default());
    redacted
}
