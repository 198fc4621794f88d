//! How a value is written in each form.

use minijinja::{AutoEscape, Error, ErrorKind, HtmlEscape, Output, Value};
use serde::de::IgnoredAny;

use super::TemplateError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Html,
    Json,
}

impl Form {
    /// What filters that escape go by.
    pub(super) fn escaping(self) -> AutoEscape {
        match self {
            Self::Html => AutoEscape::Html,
            Self::Text | Self::Json => AutoEscape::None,
        }
    }

    /// Writes a value. What the template says of escaping does not count.
    pub(super) fn write(self, out: &mut Output<'_>, value: &Value) -> Result<(), Error> {
        // As printing one is, by the strict behaviour.
        if value.is_undefined() {
            return Err(ErrorKind::UndefinedError.into());
        }
        if self == Self::Json {
            return write_json(out, value);
        }
        if value.is_none() {
            return Err(Error::new(
                ErrorKind::InvalidOperation,
                "a value is null: ask with `is none`, or write default(\"…\", true) after it",
            ));
        }
        let text = value.to_string();
        let written = match self {
            Self::Html if value.is_safe() => out.write_str(&text),
            Self::Html => write!(out, "{}", HtmlEscape(&text)),
            _ => out.write_str(&visible(&text)),
        };
        written.map_err(Error::from)
    }

    /// Whether a document is one of this form.
    pub(super) fn check(self, text: &str) -> Result<(), TemplateError> {
        if self != Self::Json {
            return Ok(());
        }
        serde_json::from_str::<IgnoredAny>(text)
            .map(drop)
            .map_err(|error| TemplateError::NotJson(error.to_string()))
    }
}

fn write_json(out: &mut Output<'_>, value: &Value) -> Result<(), Error> {
    let json = serde_json::to_string(value)
        .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    for c in json.chars() {
        match c {
            // They stand within texts only, and end scripts and lines where the document is put into one.
            '<' | '>' | '&' | '\'' | '\u{2028}' | '\u{2029}' => {
                write!(out, "\\u{:04x}", u32::from(c))?;
            }
            c => write!(out, "{c}")?,
        }
    }
    Ok(())
}

/// The text without what moves cursors, ends headers or is not seen.
fn visible(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| match c {
            '\n' | '\t' => c,
            c if c.is_control() => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect()
}
