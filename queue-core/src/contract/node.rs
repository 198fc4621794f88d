//! A document as it was read: borrowed from its text, with the place of each value in it.

use std::borrow::Cow;
use std::ops::Range;

/// One value.
#[derive(Debug)]
pub(super) struct Node<'a> {
    /// Where it stands in the text.
    pub(super) span: Range<usize>,
    pub(super) value: Value<'a>,
}

/// What it is. Numbers stay as they are written: a reader that held them would round some.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Null,
    Boolean,
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    /// Its keys differ.
    Object(Vec<Member<'a>>),
}

#[derive(Debug)]
pub(super) struct Member<'a> {
    pub(super) key: Cow<'a, str>,
    pub(super) node: Node<'a>,
}

impl Node<'_> {
    /// What it is, for people.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "null",
            Value::Boolean => "a boolean",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }

    /// A value for a diagnostic; none of a list or an object, which may be large.
    pub(super) fn shown(&self) -> Option<serde_json::Value> {
        Some(match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Number(text) => number(text),
            Value::Text(text) => serde_json::Value::from(shortened(text).as_ref()),
            Value::Boolean | Value::List(_) | Value::Object(_) => return None,
        })
    }
}

/// A number as it is written; as a text if it is an integer that JSON's readers would round.
fn number(text: &str) -> serde_json::Value {
    let fraction = text.contains(['.', 'e', 'E']);
    if fraction || text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok() {
        serde_json::from_str(text).unwrap_or_default()
    } else {
        serde_json::Value::from(shortened(text).as_ref())
    }
}

/// The longest text in a diagnostic that is no repair.
const SHOWN: usize = 200;

/// A text that may be of any length, for a diagnostic.
pub(super) fn shortened(text: &str) -> Cow<'_, str> {
    // Characters are never more than bytes.
    if text.len() <= SHOWN {
        return Cow::Borrowed(text);
    }
    match text.char_indices().nth(SHOWN) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
    }
}
