//! The rules, a file per class. Each goes over a line from left to right; what it looks at ahead is bounded, or is
//! not looked at again.

mod assignment;
mod authorization;
mod email;
mod entropy;
mod found;
mod host;
mod known_key;
mod pem;
mod reference;
mod sensitive;
mod uri;

pub(super) use found::Found;

use super::meter::Meter;
use super::span::{self, Span};
use super::{Class, RedactionPolicy};

/// The rules of a policy.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    emails: bool,
    internal_hosts: Vec<String>,
}

impl Rules {
    pub(super) fn of(policy: RedactionPolicy) -> Self {
        Self {
            emails: policy.emails,
            internal_hosts: policy.internal_hosts,
        }
    }

    /// What is to be taken out: in order, none over another, none that was taken out before.
    pub(super) fn find(&self, text: &str, meter: &mut Meter) -> Vec<Span> {
        let mut found = Found::new(meter);
        pem::find(text, &mut found);
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            if !found.meter.has_left() {
                break;
            }
            found.line_starts_at(at);
            at += line.len();
            self.find_in_line(line.trim_end_matches(['\n', '\r']), &mut found);
        }
        let spans = beside_placeholders(text, found.spans);
        span::joined(spans)
    }

    fn find_in_line(&self, line: &str, found: &mut Found<'_>) {
        known_key::find(line, found);
        authorization::find(line, found);
        uri::find(line, found);
        assignment::find(line, found);
        entropy::find(line, found);
        if self.emails {
            email::find(line, found);
        }
        if !self.internal_hosts.is_empty() {
            host::find(line, &self.internal_hosts, found);
        }
    }
}

/// A placeholder stays whole: what reaches into one takes all of it, and what is nothing but placeholders stays.
/// So each pass takes something of the text itself, or is the last.
fn beside_placeholders(text: &str, mut spans: Vec<Span>) -> Vec<Span> {
    let placeholders: Vec<_> = text
        .match_indices("[REDACTED:")
        .filter_map(|(at, _)| Some(at..at + Class::placeholder_at(text.get(at..)?)?.len()))
        .collect();
    if placeholders.is_empty() {
        return spans;
    }
    spans.retain_mut(|span| {
        let bytes = &mut span.bytes;
        let first = placeholders.partition_point(|placeholder| placeholder.end <= bytes.start);
        let mut taken = 0;
        for placeholder in placeholders.iter().skip(first) {
            if placeholder.start >= bytes.end {
                break;
            }
            bytes.start = bytes.start.min(placeholder.start);
            bytes.end = bytes.end.max(placeholder.end);
            taken += placeholder.len();
        }
        taken < bytes.len()
    });
    spans
}
