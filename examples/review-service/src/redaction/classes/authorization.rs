//! What stands after `Bearer`, and in a header `Authorization`.

use crate::redaction::Class;
use crate::redaction::classes::Found;
use crate::redaction::word::{byte, goes_on, is_name, is_token68, look, part, run, runs};

/// More space than that is no separator.
const MOST_SPACE: usize = 8;
/// How much of a credential is looked at before it counts as one.
const LOOK: usize = 64;

pub(super) fn find(line: &str, found: &mut Found<'_>) {
    found.meter.spend(line.len());
    let mut taken = 0;
    for bytes in runs(line, is_name) {
        if bytes.start < taken {
            continue;
        }
        let credential = if goes_on(line, bytes.start, "bearer") && bytes.len() == 6 {
            after_scheme(line, bytes.end, found)
        } else if goes_on(line, bytes.end.saturating_sub(13), "authorization") && bytes.len() >= 13
        {
            in_header(line, bytes.end, found)
        } else {
            None
        };
        if let Some(credential) = credential {
            taken = credential.end;
            found.push(Class::Authorization, credential);
        }
    }
}

/// The credential after a scheme and space.
fn after_scheme(line: &str, from: usize, found: &mut Found<'_>) -> Option<std::ops::Range<usize>> {
    let space = look(line, from, MOST_SPACE + 1, |byte| {
        byte == b' ' || byte == b'\t'
    });
    let start = from + space;
    let length = run(line, start, is_token68);
    found.meter.spend(space + length);
    let text = part(line, start..start + length);
    // `Bearer token` and `bearer authentication` are words.
    let convincing = length >= 8 && text.bytes().any(|byte| byte.is_ascii_digit()) || length >= 24;
    ((1..=MOST_SPACE).contains(&space) && convincing).then_some(start..start + length)
}

/// The credential after the name of the header, with a scheme or without.
fn in_header(line: &str, from: usize, found: &mut Found<'_>) -> Option<std::ops::Range<usize>> {
    let between = |byte: u8| {
        matches!(
            byte,
            b' ' | b'\t' | b'"' | b'\'' | b'`' | b':' | b'=' | b',' | b'>'
        )
    };
    let separator = look(line, from, 2 * MOST_SPACE, between);
    if separator == 0 {
        return None;
    }
    let start = from + separator;
    let first = look(line, start, LOOK, is_token68);
    found.meter.spend(separator + first);
    if let Some(b' ') = byte(line, start + first) {
        let second = start + first + 1;
        let length = look(line, second, LOOK, is_token68);
        found.meter.spend(length);
        let mixed = |text: &str| {
            text.bytes().any(|byte| byte.is_ascii_digit())
                || text.bytes().skip(1).any(|byte| byte.is_ascii_uppercase())
        };
        if length >= 8 && mixed(part(line, second..second + length)) {
            return Some(second..second + run(line, second, is_token68));
        }
    }
    let alone = part(line, start..start + first);
    if first < 16 || !alone.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(start..start + run(line, start, is_token68))
}
