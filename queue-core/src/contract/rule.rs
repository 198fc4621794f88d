//! What must hold of several fields together.

use serde::{Deserialize, Serialize};

use crate::catalogue::Code;

/// What must hold of the fields of an object together. It is asked only where its fields are good by
/// themselves.
///
/// ```
/// use queue_core::contract::Rule;
/// use queue_core::Code;
/// let order = Rule::not_less("end_line", "line").code(Code::InvalidLineRange);
/// # assert!(serde_json::to_string(&order).unwrap().contains("not_less"));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What is asked.
    #[serde(rename = "rule")]
    pub test: Test,
    /// The code where it does not hold; that of the test if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
}

/// A question to the fields of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Test {
    /// One integer is not less than another, if both are there.
    NotLess {
        /// This one.
        field: String,
        /// Than this one.
        than: String,
    },
    /// One field is there if another is, and if that has a certain text, where one is given.
    RequiredWith {
        /// This field.
        field: String,
        /// With that field.
        with: String,
        /// If it has this text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        being: Option<String>,
    },
    /// At least one of them is there.
    AnyOf(Vec<String>),
    /// At most one of them is there.
    AtMostOneOf(Vec<String>),
    /// A text is in a list of the context, both after the coercions of its field.
    Among {
        /// The text.
        field: String,
        /// The name of the list.
        context: String,
    },
    /// A check of the program that reads holds, by its name.
    Check(String),
}

impl Rule {
    fn new(test: Test) -> Self {
        Self { test, code: None }
    }

    /// The integer `field` is not less than the integer `than`.
    pub fn not_less(field: impl Into<String>, than: impl Into<String>) -> Self {
        Self::new(Test::NotLess {
            field: field.into(),
            than: than.into(),
        })
    }

    /// `field` is there if `with` is.
    pub fn required_with(field: impl Into<String>, with: impl Into<String>) -> Self {
        Self::new(Test::RequiredWith {
            field: field.into(),
            with: with.into(),
            being: None,
        })
    }

    /// `field` is there if `with` is the text `being`.
    pub fn required_when(
        field: impl Into<String>,
        with: impl Into<String>,
        being: impl Into<String>,
    ) -> Self {
        Self::new(Test::RequiredWith {
            field: field.into(),
            with: with.into(),
            being: Some(being.into()),
        })
    }

    /// At least one of them is there.
    pub fn any_of<T: Into<String>>(fields: impl IntoIterator<Item = T>) -> Self {
        Self::new(Test::AnyOf(fields.into_iter().map(Into::into).collect()))
    }

    /// At most one of them is there.
    pub fn at_most_one_of<T: Into<String>>(fields: impl IntoIterator<Item = T>) -> Self {
        Self::new(Test::AtMostOneOf(
            fields.into_iter().map(Into::into).collect(),
        ))
    }

    /// The text `field` is in the list `context` of what the reader is given.
    pub fn among(field: impl Into<String>, context: impl Into<String>) -> Self {
        Self::new(Test::Among {
            field: field.into(),
            context: context.into(),
        })
    }

    /// The check that the reading program registered under this name holds of the object.
    pub fn check(name: impl Into<String>) -> Self {
        Self::new(Test::Check(name.into()))
    }

    /// Where it does not hold, it is this code.
    #[must_use]
    pub fn code(mut self, code: Code) -> Self {
        self.code = Some(code);
        self
    }

    /// The code and the reason where it does not hold.
    pub(super) fn verdict(&self) -> (Code, &'static str) {
        let (code, reason) = match &self.test {
            Test::NotLess { .. } if self.code == Some(Code::InvalidLineRange) => {
                (Code::InvalidLineRange, "end_before_start")
            }
            Test::RequiredWith { .. } => (Code::MissingRequiredField, "required_with"),
            Test::NotLess { .. } | Test::AnyOf(_) | Test::AtMostOneOf(_) => {
                (Code::SchemaMismatch, "rule_broken")
            }
            Test::Among { .. } => (Code::NotInContext, "not_listed"),
            Test::Check(_) => (Code::NotInContext, "refused"),
        };
        (self.code.unwrap_or(code), reason)
    }

    /// The fields that it asks.
    pub(super) fn fields(&self) -> Vec<&str> {
        match &self.test {
            Test::NotLess { field, than } => vec![field, than],
            Test::RequiredWith { field, with, .. } => vec![field, with],
            Test::AnyOf(fields) | Test::AtMostOneOf(fields) => {
                fields.iter().map(String::as_str).collect()
            }
            Test::Among { field, .. } => vec![field],
            Test::Check(_) => Vec::new(),
        }
    }

    /// What it wants, for people.
    pub(super) fn described(&self) -> String {
        match &self.test {
            Test::NotLess { field, than } => format!("`{field}` is not less than `{than}`"),
            Test::RequiredWith {
                field,
                with,
                being: None,
            } => {
                format!("`{field}` is required with `{with}`")
            }
            Test::RequiredWith {
                field,
                with,
                being: Some(being),
            } => {
                format!("`{field}` is required when `{with}` is \"{being}\"")
            }
            Test::AnyOf(fields) => format!("at least one of {} is there", quoted(fields)),
            Test::AtMostOneOf(fields) => format!("at most one of {} is there", quoted(fields)),
            Test::Among { field, context } => format!("`{field}` is one of `{context}`"),
            Test::Check(name) => format!("`{name}` holds"),
        }
    }
}

fn quoted(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
