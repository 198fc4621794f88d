//! Values without quotes. In settings they are texts, in programs mostly expressions: those are left.

use std::ops::Range;

use super::separator::{Separator, Sets};
use crate::redaction::classes::Found;
use crate::redaction::classes::reference::{is_nothing, is_reference};
use crate::redaction::classes::sensitive::{Sensitive, sensitive};
use crate::redaction::word::{byte, look, part, run};

/// How much of a value is looked at before it counts as one.
const LOOK: usize = 256;
/// Shorter ones are no secrets.
const SHORTEST: usize = 4;

pub(super) fn value(
    line: &str,
    name: &Range<usize>,
    separator: &Separator,
    kind: Sensitive,
    found: &mut Found<'_>,
) -> Option<Range<usize>> {
    let start = separator.end;
    if separator.sets == Sets::Element {
        // Up to the next tag, whatever it is.
        let length = run(line, start, |byte| byte != b'<');
        found.meter.spend(length);
        let text = part(line, start..start + length);
        let secret = is_closed(line, name, start + length) && !text.trim().is_empty();
        return (secret && !is_reference(text)).then_some(start..start + length);
    }
    if matches!(separator.sets, Sets::Compares | Sets::Call) {
        return None;
    }
    let looked = look(line, start, LOOK, is_of_value);
    found.meter.spend(looked);
    // Bytes of letters beyond ASCII may be cut by the look; they are no part of a name.
    let text = line.get(start..start + looked).unwrap_or("!1");
    let place = Place::of(line, name, separator, start + looked);
    if !is_secret(text, kind, &place) {
        return None;
    }
    let length = run(line, start, is_of_value);
    found.meter.spend(length);
    Some(start..start + length)
}

/// Whether an element ends there, or has a line of its own up to there: what only stands between `<` and `>` is a
/// blank to be filled in.
fn is_closed(line: &str, name: &Range<usize>, end: usize) -> bool {
    let before = part(line, 0..name.start.saturating_sub(1));
    let alone = end == line.len() && before.bytes().all(|byte| b" \t+-".contains(&byte));
    alone || part(line, end..line.len()).starts_with("</")
}

fn is_of_value(byte: u8) -> bool {
    !byte.is_ascii_whitespace() && !b",;&)]}\"'`<>".contains(&byte)
}

/// What is around a value.
struct Place {
    /// `name=value`, from the first column to the end of the line, as in a file of settings.
    setting: bool,
    /// `name: value` to the end of the line, as in YAML.
    mapping: bool,
    /// Something of a program follows, and there is space around the `=`.
    expression: bool,
    option: bool,
}

impl Place {
    fn of(line: &str, name: &Range<usize>, separator: &Separator, end: usize) -> Self {
        let before = part(line, 0..name.start);
        let before = before.strip_prefix(['+', '-', ' ']).unwrap_or(before);
        let first = matches!(
            before,
            "" | "export " | "set " | "SET " | "ENV " | "declare -x "
        );
        let ends = run(line, end, |byte| byte.is_ascii_whitespace()) + end == line.len();
        Self {
            setting: first && ends && separator.sets == Sets::Equals && !separator.spaced,
            mapping: ends && separator.sets == Sets::Colon && separator.spaced,
            expression: separator.spaced
                && separator.sets != Sets::Option
                && matches!(byte(line, end), Some(b';' | b',' | b')' | b'}' | b']')),
            option: separator.sets == Sets::Option,
        }
    }
}

/// Whether a value without quotes is a secret, and no expression.
fn is_secret(text: &str, kind: Sensitive, place: &Place) -> bool {
    if text.len() < SHORTEST || is_reference(text) || is_nothing(text) {
        return false;
    }
    // Calls, places, references and paths.
    if text.contains(['(', '[', '{', '|']) || text.contains("::") || text.contains("->") {
        return false;
    }
    if text.starts_with(['&', '*', '/', '~', '-', '$', '=']) || text.starts_with("./") {
        return false;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'_' || byte == b'.')
    {
        // Tokens are counted and limited by numbers; passwords are some.
        return kind == Sensitive::Password;
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    let named = text.bytes().all(plain) && !text.starts_with(|c: char| c.is_ascii_digit());
    if !named {
        return !place.expression || digits > 0;
    }
    if text.contains('.') || place.expression {
        return false;
    }
    if digits > 0 {
        return true;
    }
    // One word. A variable of that sort is called so; a type begins with a capital.
    let variable = sensitive(text).is_some() || text.starts_with(|c: char| c.is_ascii_uppercase());
    (place.setting || place.option || (place.mapping && !text.contains('_'))) && !variable
}
