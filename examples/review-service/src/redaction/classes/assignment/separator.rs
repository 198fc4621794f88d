//! What stands between a name and its value.

use std::ops::Range;

use crate::redaction::word::{byte, goes_on, look, part};

/// More space than that separates more than a name and its value.
const MOST_SPACE: usize = 32;
/// The longest type between a name and `=`.
const LONGEST_TYPE: usize = 48;

/// How a name is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sets {
    /// `=`, `:=`, `=>`.
    Equals,
    /// `:`, as in YAML and JSON.
    Colon,
    /// `==` and `!=`: only a text beside it is of interest.
    Compares,
    /// `(`, as in `setPassword("…")`: likewise.
    Call,
    /// `>`, as in `<password>…</password>`.
    Element,
    /// A space, as in `--password …`.
    Option,
}

/// What separates, and where the value begins.
#[derive(Debug)]
pub(super) struct Separator {
    pub(super) sets: Sets,
    /// Whether there is space around it.
    pub(super) spaced: bool,
    pub(super) end: usize,
}

impl Separator {
    pub(super) fn after(line: &str, name: &Range<usize>) -> Option<Self> {
        // The name itself may be quoted: `"password": …`, `['password'] = …`.
        let closed = name.end
            + look(line, name.end, 4, |byte| {
                matches!(byte, b'"' | b'\'' | b'`' | b']' | b'\\')
            });
        let space = look(line, closed, MOST_SPACE, is_space);
        let at = closed + space;
        let (sets, length) = match (byte(line, at)?, byte(line, at + 1)) {
            (b'=', Some(b'=')) => (Sets::Compares, look(line, at, 3, |byte| byte == b'=')),
            (b'!', Some(b'=')) => (
                Sets::Compares,
                1 + look(line, at + 1, 2, |byte| byte == b'='),
            ),
            (b'=', Some(b'>')) | (b':' | b'?' | b'+', Some(b'=')) => (Sets::Equals, 2),
            (b'=', _) => (Sets::Equals, 1),
            // A path of Rust or C++.
            (b':', Some(b':')) => return None,
            (b':', _) => match typed(line, at + 1) {
                Some(equals) => (Sets::Equals, equals + 1 - at),
                None => (Sets::Colon, 1),
            },
            (b'(', _) => (Sets::Call, 1),
            (b'>', _) if is_element(line, name) => (Sets::Element, 1),
            (b'v' | b'V', _) if goes_on(line, at, "value=") => (Sets::Equals, 6),
            _ if space > 0 && part(line, name.clone()).starts_with("--") => (Sets::Option, 0),
            _ => return None,
        };
        let after = look(line, at + length, MOST_SPACE, is_space);
        Some(Self {
            sets,
            spaced: space + after > 0,
            end: at + length + after,
        })
    }
}

/// Where the `=` is after a type: `password: &str = "…"`.
fn typed(line: &str, from: usize) -> Option<usize> {
    let length = look(line, from, LONGEST_TYPE, |byte| {
        byte.is_ascii_alphanumeric() || b"_&<>':*.[] |?".contains(&byte)
    });
    let at = from + length;
    let is_type = part(line, from..at)
        .bytes()
        .any(|byte| byte.is_ascii_alphabetic());
    let single = !matches!(byte(line, at + 1), Some(b'=' | b'>'));
    let apart = byte(line, at.checked_sub(1)?) == Some(b' ');
    (is_type && single && apart && byte(line, at) == Some(b'=')).then_some(at)
}

fn is_element(line: &str, name: &Range<usize>) -> bool {
    let before = name.start.checked_sub(1).and_then(|at| byte(line, at));
    matches!(before, Some(b'<' | b':'))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
