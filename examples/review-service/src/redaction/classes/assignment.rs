//! What a password, a token or a key is set to, in all the ways in which programs and settings set something.

mod bare;
mod separator;

use std::ops::Range;

use crate::redaction::Class;
use crate::redaction::classes::Found;
use crate::redaction::classes::reference::{is_nothing, is_reference};
use crate::redaction::classes::sensitive::{Sensitive, sensitive};
use crate::redaction::word::{byte, is_name, look, part, runs};

use separator::Separator;

/// A token between quotes that is shorter is a word of some language.
const SHORTEST_TOKEN: usize = 8;
/// The longest name of what wraps a text: `SecretString::from("…")`.
const LONGEST_WRAPPER: usize = 40;
/// What wraps a text without looking up anything by it.
const WRAPPERS: [&str; 8] = [
    "from",
    "new",
    "Some",
    "String",
    "str",
    "Secret",
    "SecretString",
    "SecretStr",
];

pub(super) fn find(line: &str, found: &mut Found<'_>) {
    found.meter.spend(line.len());
    let mut taken = 0;
    for bytes in runs(line, is_name) {
        if bytes.start < taken {
            continue;
        }
        let name = part(line, bytes.clone());
        found.meter.spend(name.len().min(64));
        let Some(kind) = sensitive(name) else {
            continue;
        };
        let Some(value) = value(line, &bytes, kind, found) else {
            continue;
        };
        taken = value.bytes.end;
        if value.secret {
            found.push(Class::AssignedValue, value.bytes);
        }
    }
}

/// What a name is set to. Names in it set nothing.
struct Value {
    bytes: Range<usize>,
    secret: bool,
}

fn value(line: &str, name: &Range<usize>, kind: Sensitive, found: &mut Found<'_>) -> Option<Value> {
    let separator = Separator::after(line, name)?;
    found.meter.spend(separator.end - name.end);
    let start = past_wrapper(line, past_prefix(line, separator.end));
    if let Some(quoted) = Quoted::at(line, start) {
        found.meter.spend(quoted.scanned);
        let secret = is_secret(part(line, quoted.content.clone()), kind);
        return Some(Value {
            bytes: quoted.content,
            secret,
        });
    }
    let bytes = bare::value(line, name, &separator, kind, found)?;
    Some(Value {
        bytes,
        secret: true,
    })
}

/// Whether a text between quotes is a secret.
fn is_secret(text: &str, kind: Sensitive) -> bool {
    let short = kind == Sensitive::Token && text.len() < SHORTEST_TOKEN;
    !text.trim().is_empty() && !short && !is_nothing(text) && !is_reference(text)
}

/// Past `b"`, `r#"`, `@"`, `&"` and their like, up to the quote.
fn past_prefix(line: &str, at: usize) -> usize {
    let prefix = look(line, at, 3, |byte| {
        matches!(
            byte,
            b'b' | b'r' | b'f' | b'u' | b'L' | b'@' | b'$' | b'&' | b'#' | b'*'
        )
    });
    match byte(line, at + prefix) {
        Some(b'"' | b'\'') => at + prefix,
        _ => at,
    }
}

/// Past `String::from(` and its like, up to the quote.
fn past_wrapper(line: &str, at: usize) -> usize {
    let length = look(line, at, LONGEST_WRAPPER, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'.' | b' ' | b'<' | b'>')
    });
    let wrapper = part(line, at..at + length);
    let last = wrapper
        .rsplit([':', '.', ' ', '<', '>'])
        .next()
        .unwrap_or_default();
    let quoted = byte(line, at + length) == Some(b'(')
        && matches!(byte(line, at + length + 1), Some(b'"' | b'\''));
    if quoted && WRAPPERS.contains(&last) {
        at + length + 1
    } else {
        at
    }
}

/// A text between quotes.
struct Quoted {
    content: Range<usize>,
    scanned: usize,
}

impl Quoted {
    /// The one that opens here. One that does not close goes on to the end of the line.
    fn at(line: &str, at: usize) -> Option<Self> {
        // In JSON inside of a text the quotes are `\"`.
        let slashes = look(line, at, 3, |byte| byte == b'\\');
        let quote = byte(line, at + slashes).filter(|byte| matches!(byte, b'"' | b'\'' | b'`'))?;
        let same = look(line, at + slashes, 3, |byte| byte == quote);
        let (start, closing) = match same {
            2 if slashes == 0 => {
                return Some(Self {
                    content: at + 1..at + 1,
                    scanned: 2,
                });
            }
            3 => (at + slashes + 3, 3),
            _ => (at + slashes + 1, 1),
        };
        let end = Self::end(line, start, quote, slashes, closing);
        Some(Self {
            content: start..end,
            scanned: end - at,
        })
    }

    /// Where the content ends: at the quotes that are escaped as those at its beginning.
    fn end(line: &str, start: usize, quote: u8, slashes: usize, closing: usize) -> usize {
        let mut escapes = 0;
        let mut quotes = 0;
        for (at, byte) in line.bytes().enumerate().skip(start) {
            if byte == quote && escapes <= slashes && (slashes == 0 || escapes > 0) {
                quotes += 1;
                if quotes == closing {
                    return at + 1 - closing - if closing == 1 { escapes } else { 0 };
                }
            } else {
                quotes = 0;
            }
            escapes = match byte {
                // Two of them are one that escapes nothing.
                b'\\' if slashes == 0 => 1 - escapes.min(1),
                b'\\' => escapes + 1,
                _ => 0,
            };
        }
        line.len()
    }
}
