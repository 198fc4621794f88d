//! What is wrong with a template, or with what it was given.

use std::ops::Range;

use minijinja::{Error, ErrorKind};

use super::MAX_RENDERED;

/// What is wrong with a template, or with what it was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// It cannot be read.
    #[error("line {line} of the template: {problem}")]
    Syntax {
        /// Where, from 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// A variable is not there.
    #[error(
        "line {line} of the template: `{name}` is not defined; give it, or ask with `is defined` or default(…)"
    )]
    Undefined {
        /// What the template has there: the variable, or what it is used in.
        name: String,
        /// Where, from 1.
        line: usize,
    },
    /// It goes wrong with these values.
    #[error("line {line} of the template: {problem}")]
    Failed {
        /// Where, from 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// It gives more than any message is.
    #[error("the template gives more than {MAX_RENDERED} bytes")]
    TooLong,
    /// It takes too many steps.
    #[error("the template takes too many steps: prepare what it loops over before it is rendered")]
    TooMuchWork,
    /// What it gives is no JSON.
    #[error("what the template gives is no JSON: {0}; values are written with their quotes")]
    NotJson(String),
}

impl TemplateError {
    pub(super) fn of(error: &Error, source: &str) -> Self {
        let line = error.line().unwrap_or(1);
        let problem = || {
            let detail = error.detail().map(|detail| format!(": {detail}"));
            format!("{}{}", error.kind(), detail.unwrap_or_default())
        };
        match error.kind() {
            ErrorKind::SyntaxError => Self::Syntax {
                line,
                problem: problem(),
            },
            ErrorKind::UndefinedError => {
                let name = error.range().and_then(|range| named(source, range));
                Self::Undefined {
                    name: name.unwrap_or("a variable").to_owned(),
                    line,
                }
            }
            ErrorKind::OutOfFuel => Self::TooMuchWork,
            _ => Self::Failed {
                line,
                problem: problem(),
            },
        }
    }
}

/// What stands there, with what it is a field of or filters: the range may begin at a dot or after a bar.
fn named(source: &str, range: Range<usize>) -> Option<&str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '[' | ']');
    let mut before = source.get(..range.start)?.trim_end_matches(is_part);
    while let Some(filtered) = before.trim_end().strip_suffix('|') {
        before = filtered.trim_end().trim_end_matches(is_part);
    }
    let name = source.get(before.len()..range.end)?;
    Some(name.trim_matches(['{', '}', '%', ' ']))
}
