//! Reading scalars.

use std::borrow::Cow;

use super::coercion::{Coercion, coerce};
use super::node::{Node, Value};
use super::path::Path;
use super::read::Reader;
use super::repair::Repaired;
use super::shape::{Choice, Integer, Number, Shape, Text};
use crate::catalogue::Code;

/// No longer text is compared with what is offered, but for its case.
const LIKE: usize = 200;
/// So many of the texts that are offered are told of.
const OFFERED: usize = 20;

impl<'c> Reader<'c> {
    pub(super) fn integer(
        &mut self,
        wanted: &'c Integer,
        node: &Node<'_>,
        value: &Value<'_>,
        path: &Path<'_>,
    ) -> Option<Repaired> {
        let (read, repaired) = match value {
            Value::Number(text) => (integer_of(text), None),
            Value::Text(text) if wanted.digits => {
                let digits = text.trim();
                (digits_of(digits), Some((text, digits)))
            }
            _ => return self.wrong_type(&Shape::Integer(wanted.clone()), node, path),
        };
        let number = match read {
            Ok(number) => number,
            Err("wrong_type") => {
                return self.wrong_type(&Shape::Integer(wanted.clone()), node, path);
            }
            Err(reason) => {
                let detail = match reason {
                    "not_an_integer" => "an integer is wanted, this is a fraction",
                    "not_ascii_digits" => "an integer is wanted, written with the digits 0 to 9",
                    _ => "an integer of 64 bits is wanted",
                };
                self.problem(
                    Code::SchemaMismatch,
                    reason,
                    path,
                    Some(node),
                    detail.to_owned(),
                );
                return None;
            }
        };
        let low = wanted.min.is_some_and(|min| number < min);
        let high = wanted.max.is_some_and(|max| number > max);
        if low || high {
            let code = wanted.code.unwrap_or(Code::SchemaMismatch);
            let detail = format!("{} is wanted", ends(wanted.min, wanted.max));
            self.problem(code, "out_of_range", path, Some(node), detail);
            return None;
        }
        let Some((text, digits)) = repaired else {
            return Some(Repaired::Same);
        };
        if digits.len() < text.len() {
            self.repaired("trimmed", path, text.as_ref(), digits);
        }
        self.repaired("digits_to_integer", path, digits, number);
        Some(Repaired::Integer(number))
    }

    pub(super) fn number(
        &mut self,
        wanted: &Number,
        node: &Node<'_>,
        text: &str,
        path: &Path<'_>,
    ) -> Option<Repaired> {
        let in_range = text.parse::<f64>().is_ok_and(|number| {
            wanted.min.is_none_or(|min| number >= min) && wanted.max.is_none_or(|max| number <= max)
        });
        if in_range {
            return Some(Repaired::Same);
        }
        let detail = format!("{} is wanted", ends(wanted.min, wanted.max));
        self.problem(
            Code::SchemaMismatch,
            "out_of_range",
            path,
            Some(node),
            detail,
        );
        None
    }

    pub(super) fn words(
        &mut self,
        wanted: &'c Text,
        node: &Node<'_>,
        given: &str,
        path: &Path<'_>,
    ) -> Option<Repaired> {
        let text = self.coerced(&wanted.coerce, given, path);
        let mut good = true;
        let mut fail = |reason, detail| {
            self.problem(Code::SchemaMismatch, reason, path, Some(node), detail);
            good = false;
        };
        // Bytes are never fewer than characters: most texts need no counting.
        let short = |least: usize| text.chars().take(least).count() < least;
        let long = |most: usize| text.len() > most && text.chars().nth(most).is_some();
        if let Some(least) = wanted.min_chars
            && short(least)
        {
            fail(
                "too_short",
                format!("at least {least} characters are wanted"),
            );
        }
        if let Some(most) = wanted.max_chars
            && long(most)
        {
            fail("too_long", format!("at most {most} characters are wanted"));
        }
        if let Some(pattern) = &wanted.pattern
            && !pattern.is_found_in(&text)
        {
            let detail = format!("a text of the form {} is wanted", pattern.as_str());
            fail("pattern_mismatch", detail);
        }
        good.then(|| changed(text))
    }

    pub(super) fn choice(
        &mut self,
        wanted: &'c Choice,
        node: &Node<'_>,
        given: &str,
        path: &Path<'_>,
    ) -> Option<Repaired> {
        let text = self.coerced(wanted.coercions(), given, path);
        if wanted.of.iter().any(|offered| *offered == text) {
            return Some(changed(text));
        }
        // A text of any length is not to be looked at anew for each that is offered.
        let lower = (text.len() <= LIKE).then(|| text.to_lowercase());
        let like = |offered: &String| {
            lower
                .as_ref()
                .is_some_and(|lower| offered.to_lowercase() == *lower)
        };
        let reason = if wanted.of.iter().any(like) {
            "wrong_case"
        } else {
            "unknown_value"
        };
        let mut offered: Vec<&str> = wanted.of.iter().take(OFFERED).map(String::as_str).collect();
        if wanted.of.len() > OFFERED {
            offered.push("…");
        }
        let detail = format!("one of {} is wanted", offered.join(", "));
        self.problem(Code::InvalidEnumValue, reason, path, Some(node), detail);
        None
    }

    fn coerced<'t>(
        &mut self,
        coercions: &[Coercion],
        given: &'t str,
        path: &Path<'_>,
    ) -> Cow<'t, str> {
        coerce(coercions, Cow::Borrowed(given), |reason, before, after| {
            self.repaired(reason, path, before, after);
        })
    }
}

impl Choice {
    /// What is put right in it.
    pub(super) fn coercions(&self) -> &'static [Coercion] {
        if self.trim { &[Coercion::Trim] } else { &[] }
    }
}

/// A text that was changed is owned.
fn changed(text: Cow<'_, str>) -> Repaired {
    match text {
        Cow::Borrowed(_) => Repaired::Same,
        Cow::Owned(text) => Repaired::Text(text),
    }
}

fn integer_of(text: &str) -> Result<i64, &'static str> {
    if text.contains(['.', 'e', 'E']) {
        return Err("not_an_integer");
    }
    text.parse().map_err(|_| "integer_out_of_range")
}

fn digits_of(text: &str) -> Result<i64, &'static str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map_err(|_| "integer_out_of_range");
    }
    if !digits.is_empty() && digits.chars().all(char::is_numeric) {
        return Err("not_ascii_digits");
    }
    if digits.starts_with(|first: char| first.is_ascii_digit()) && text.parse::<f64>().is_ok() {
        return Err("not_an_integer");
    }
    Err("wrong_type")
}

fn ends<T: std::fmt::Display>(min: Option<T>, max: Option<T>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{min} to {max}"),
        (Some(min), None) => format!("at least {min}"),
        (None, Some(max)) => format!("at most {max}"),
        (None, None) => "a number".to_owned(),
    }
}
