//! What a reader has to say of a document.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::catalogue::Code;

/// What was done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// The whole document was refused.
    Reject,
    /// One item of a list, or a field that nobody knows, was left out.
    Drop,
    /// A scalar, or what stands around the document, was put right.
    Coerce,
    /// Nothing; it is worth knowing.
    Warn,
}

impl Action {
    /// Its name in JSON and in labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Drop => "drop",
            Self::Coerce => "coerce",
            Self::Warn => "warn",
        }
    }
}

/// One act of a reader, and why.
///
/// ```
/// use queue_core::contract::{Contract, Field, Integer, Object, ReadContext};
/// use queue_core::Code;
///
/// let order = Object::of([Field::required("id", Integer::new())]);
/// let contract = Contract::of("order", order).build().unwrap();
/// let verdict = contract.read(&br#"{"id": "seven"}"#[..], &ReadContext::new());
/// let diagnostic = &verdict.diagnostics()[0];
/// assert_eq!(diagnostic.code, Code::SchemaMismatch);
/// assert_eq!(diagnostic.path, "/id");
/// assert_eq!(
///     diagnostic.to_string(),
///     "/id: schema_mismatch (wrong_type): an integer is wanted, this is a text"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The code, by which it is counted and looked up.
    pub code: Code,
    /// The finer reason under the code.
    pub reason: Cow<'static, str>,
    /// The value that it is about, as a JSON Pointer into the document as it was given; empty for the
    /// whole.
    pub path: String,
    /// What was done.
    pub action: Action,
    /// What is wanted and what was found, for people. Says nothing of a sensitive value.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The value before, if it is a scalar; `"[redacted]"` if its field is sensitive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The value after a repair, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// What ties it to the rest of what happened.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub correlation_id: Option<Arc<str>>,
}

impl Diagnostic {
    /// One that says nothing more yet.
    pub(super) fn of(code: Code, reason: &'static str, path: String, action: Action) -> Self {
        Self {
            code,
            reason: Cow::Borrowed(reason),
            path,
            action,
            detail: String::new(),
            old: None,
            new: None,
            correlation_id: None,
        }
    }

    /// Whether it is a repair.
    #[must_use]
    pub fn is_repair(&self) -> bool {
        self.action == Action::Coerce
    }

    /// The place, for a line of text: keys may have characters that a terminal or a log obeys.
    pub(super) fn place(&self) -> Cow<'_, str> {
        if self.path.contains(char::is_control) {
            Cow::Owned(self.path.escape_debug().to_string())
        } else {
            Cow::Borrowed(&self.path)
        }
    }

    /// The same without the values: for what is kept for long or seen by many.
    #[must_use]
    pub fn without_values(&self) -> Self {
        Self {
            old: None,
            new: None,
            ..self.clone()
        }
    }
}

fn as_text<S: Serializer>(id: &Option<Arc<str>>, serializer: S) -> Result<S::Ok, S::Error> {
    id.as_deref().serialize(serializer)
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.place())?;
        }
        write!(f, "{} ({})", self.code, self.reason)?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}
