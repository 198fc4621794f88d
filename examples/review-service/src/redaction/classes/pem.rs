//! Private keys in PEM: all their lines, also where one of the ends is missing.
//!
//! In a change a key has the signs of a diff before its lines, in a program it has quotes around them. Between the two
//! ends everything is taken; after a beginning without an end only what looks like a part of a key.

use std::ops::Range;

use crate::redaction::Class;
use crate::redaction::classes::Found;
use crate::redaction::word::part;

/// The longest key that is looked for, in lines: one of 16384 bits has 200.
const LONGEST: usize = 300;
/// The shortest full line of a key, in characters.
const SHORTEST_LINE: usize = 16;
/// What stands before `PRIVATE KEY` in a marker, with its dashes: `-----BEGIN ENCRYPTED `.
const MARKER: usize = 48;

pub(super) fn find(text: &str, found: &mut Found<'_>) {
    found.line_starts_at(0);
    found.meter.spend(text.len());
    // Most texts have none.
    if !text.contains("PRIVATE KEY") {
        return;
    }
    let lines: Vec<Line<'_>> = lines(text).collect();
    found.meter.spend(text.len() * 4);
    let mut at = 0;
    let mut untouched = 0;
    while let Some(line) = lines.get(at) {
        at = match (line.begin, line.end) {
            (Some(begin), end) => {
                let within = end.filter(|end| end.start > begin);
                let stop = within.map_or(line.text.len(), |end| end.end);
                found.push(Class::PemBlock, line.start + begin..line.start + stop);
                if within.is_some() {
                    at + 1
                } else {
                    to_the_end(&lines, at + 1, found)
                }
            }
            (None, Some(end)) => {
                from_the_beginning(lines.get(untouched..at).unwrap_or_default(), found);
                found.push(
                    Class::PemBlock,
                    line.start + end.start..line.start + end.end,
                );
                at + 1
            }
            (None, None) => {
                at += 1;
                continue;
            }
        };
        untouched = at;
    }
}

/// Takes the lines after a beginning; returns the next one that is not of the key.
fn to_the_end(lines: &[Line<'_>], from: usize, found: &mut Found<'_>) -> usize {
    let rest = lines.get(from..).unwrap_or_default();
    let marked = |line: &Line<'_>| line.begin.is_some() || line.end.is_some();
    let next = rest.iter().take(LONGEST).position(marked);
    if let Some((before, last)) = next.and_then(|next| Some((rest.get(..next)?, rest.get(next)?)))
        && let (None, Some(end)) = (last.begin, last.end)
    {
        for line in before.iter().filter(|line| !line.is_of_the_diff()) {
            found.push(Class::PemBlock, line.content());
        }
        let content = line_start(last);
        found.push(
            Class::PemBlock,
            content.min(last.start + end.start)..last.start + end.end,
        );
        return from + before.len() + 1;
    }
    let mut at = from;
    for line in rest.iter().take(next.unwrap_or(LONGEST)) {
        let Some(full) = line.body() else { break };
        found.push(Class::PemBlock, line.content());
        at += 1;
        if !full {
            break;
        }
    }
    at
}

/// Takes the lines before an end whose beginning is missing.
fn from_the_beginning(lines: &[Line<'_>], found: &mut Found<'_>) {
    let mut short = 0;
    for line in lines.iter().rev().take(LONGEST) {
        match line.body() {
            Some(true) if !line.is_blank() => found.push(Class::PemBlock, line.content()),
            // Only the last line of a key is short.
            Some(false) if short == 0 => {
                short += 1;
                found.push(Class::PemBlock, line.content());
            }
            _ => break,
        }
    }
}

fn line_start(line: &Line<'_>) -> usize {
    line.content().start
}

/// A line, and the markers in it.
struct Line<'t> {
    start: usize,
    text: &'t str,
    begin: Option<usize>,
    end: Option<EndMarker>,
}

#[derive(Clone, Copy)]
struct EndMarker {
    start: usize,
    end: usize,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |whole| {
        let text = whole.trim_end_matches(['\n', '\r']);
        let line = Line {
            start,
            text,
            begin: markers(text, "BEGIN ").next().map(|marker| marker.start),
            end: markers(text, "END ")
                .last()
                .map(|Range { start, end }| EndMarker { start, end }),
        };
        start += whole.len();
        line
    })
}

/// Where `-----BEGIN … PRIVATE KEY-----` is, with as many dashes as there are.
fn markers<'t>(text: &'t str, word: &'static str) -> impl Iterator<Item = Range<usize>> + 't {
    text.match_indices("PRIVATE KEY")
        .filter_map(move |(at, key)| {
            let before = text.as_bytes().get(at.saturating_sub(MARKER)..at)?;
            let named = before.iter().rev();
            let named =
                named.take_while(|byte| byte.is_ascii_uppercase() || b" 0123456789".contains(byte));
            let named = part(text, at - named.count()..at);
            let start = at - named.len() + named.rfind(word)?;
            let before = part(text, 0..start);
            let before = before.strip_suffix(' ').unwrap_or(before);
            // The sixth is the sign of a diff.
            let dashes = before
                .bytes()
                .rev()
                .take(5)
                .take_while(|byte| *byte == b'-')
                .count();
            if dashes < 4 {
                return None;
            }
            let after = part(text, at + key.len()..text.len());
            let after = after.strip_prefix(" BLOCK").unwrap_or(after);
            let after = after
                .strip_prefix(' ')
                .filter(|after| after.starts_with("--"))
                .unwrap_or(after);
            let after = text.len() - after.trim_start_matches('-').len();
            Some(before.len() - dashes..after)
        })
}

impl Line<'_> {
    /// The line without the sign of a diff and what indents it.
    fn content(&self) -> Range<usize> {
        let bare = self.text.strip_prefix(['+', '-']).unwrap_or(self.text);
        let bare = bare.trim_start();
        let start = self.start + self.text.len() - bare.len();
        start..start + bare.trim_end().len()
    }

    fn is_blank(&self) -> bool {
        self.content().is_empty()
    }

    /// The lines of a diff that tell where one is.
    fn is_of_the_diff(&self) -> bool {
        (self.text.starts_with("@@ -") && self.text.ends_with("@@"))
            || (self.text.starts_with("==== //") && self.text.ends_with("===="))
    }

    /// Whether it may be a line of a key, and if so, whether a full one.
    fn body(&self) -> Option<bool> {
        let content = self.content();
        let text = part(
            self.text,
            content.start - self.start..content.end - self.start,
        );
        if text.is_empty() || is_header(text) {
            return Some(true);
        }
        // In a program: `"MIIE…\n" +`.
        let text = text.trim_end_matches([' ', '+', ',', ';', '\\']);
        let text = text.trim_matches(['"', '\'', '`', '#', '/', '*', ' ']);
        let text = text.strip_suffix("\\n").unwrap_or(text);
        let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        (!text.is_empty() && text.bytes().all(base64)).then_some(text.len() >= SHORTEST_LINE)
    }
}

/// What an encrypted key says about itself.
fn is_header(text: &str) -> bool {
    ["Proc-Type:", "DEK-Info:", "Comment:", "Version:", "Hash:"]
        .iter()
        .any(|name| text.starts_with(name))
}
