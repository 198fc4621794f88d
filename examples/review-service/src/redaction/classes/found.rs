//! What the rules have found so far.

use std::ops::Range;

use crate::redaction::Class;
use crate::redaction::meter::Meter;
use crate::redaction::span::Span;

/// Spans of the whole text, from rules that see a line.
#[derive(Debug)]
pub(in crate::redaction) struct Found<'m> {
    pub(in crate::redaction) spans: Vec<Span>,
    pub(in crate::redaction) meter: &'m mut Meter,
    line: usize,
}

impl<'m> Found<'m> {
    pub(super) fn new(meter: &'m mut Meter) -> Self {
        Self {
            spans: Vec::new(),
            meter,
            line: 0,
        }
    }

    pub(super) fn line_starts_at(&mut self, at: usize) {
        self.line = at;
    }

    /// These bytes of the line are a secret.
    pub(super) fn push(&mut self, class: Class, bytes: Range<usize>) {
        if !bytes.is_empty() {
            let bytes = self.line + bytes.start..self.line + bytes.end;
            self.spans.push(Span { bytes, class });
        }
    }
}
