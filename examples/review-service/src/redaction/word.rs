//! What words are made of.

use std::ops::Range;

/// Of names in programs and settings.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Of base64 in both its alphabets, without the padding.
pub(super) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'_' | b'-')
}

/// Of what stands after `Bearer`.
pub(super) fn is_token68(byte: u8) -> bool {
    is_base64(byte) || matches!(byte, b'.' | b'~' | b'=')
}

/// Of names of machines, and of what is written like one.
pub(super) fn is_host(byte: u8) -> bool {
    is_name(byte) || byte == b'.'
}

/// How many bytes from there on are such.
pub(super) fn run(line: &str, from: usize, such: impl Fn(u8) -> bool) -> usize {
    let rest = line.as_bytes().get(from..).unwrap_or_default();
    rest.iter().take_while(|byte| such(**byte)).count()
}

/// As [`run`], but no more of them than that are looked at.
pub(super) fn look(line: &str, from: usize, most: usize, such: impl Fn(u8) -> bool) -> usize {
    let rest = line.as_bytes().get(from..).unwrap_or_default();
    rest.iter()
        .take(most)
        .take_while(|byte| such(**byte))
        .count()
}

/// The longest runs of such bytes, which are ASCII: where each is.
pub(super) fn runs(line: &str, such: fn(u8) -> bool) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + run(line, at, |byte| !such(byte));
        at = start + run(line, start, such);
        (at > start).then_some(start..at)
    })
}

/// The byte there.
pub(super) fn byte(line: &str, at: usize) -> Option<u8> {
    line.as_bytes().get(at).copied()
}

/// The text there, if the bounds are ones of characters.
pub(super) fn part(line: &str, bytes: Range<usize>) -> &str {
    line.get(bytes).unwrap_or_default()
}

/// Whether the text goes on like that, in capitals or not.
pub(super) fn goes_on(line: &str, at: usize, with: &str) -> bool {
    line.as_bytes()
        .get(at..at + with.len())
        .is_some_and(|there| there.eq_ignore_ascii_case(with.as_bytes()))
}
