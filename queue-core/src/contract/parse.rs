//! From bytes to a document, within limits: one pass, no more memory than the input asks for.
//!
//! On `jiter`, which gives the place of each value and the text of each number; `serde_json` gives
//! neither, and would round what does not fit.

use std::borrow::Cow;
use std::collections::HashSet;

use jiter::{Jiter, JiterError, JiterErrorType, JsonErrorType, Peek};

use super::Limits;
use super::node::{Member, Node, Value};
use super::path::Path;
use crate::catalogue::Code;

/// Why a document was not read.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) code: Code,
    pub(super) reason: &'static str,
    /// The value in which it happened, as a JSON Pointer.
    pub(super) path: String,
    /// What was found, or what the limit is.
    pub(super) detail: String,
}

/// Objects with more keys look for a repeated one by hash.
const FEW_KEYS: usize = 12;

pub(super) fn parse<'a>(text: &'a str, limits: &Limits) -> Result<Node<'a>, Unreadable> {
    if text.trim_ascii().is_empty() {
        let detail = "there is nothing to read".to_owned();
        return Err(invalid("empty_input", &Path::Root, detail));
    }
    let mut parser = Parser {
        text,
        jiter: Jiter::new(text.as_bytes()),
        limits,
    };
    let peek = parser.jiter.peek();
    let peek = peek.map_err(|error| parser.syntax(&error, &Path::Root))?;
    let root = parser.node(peek, &Path::Root, 1)?;
    let ended = parser.jiter.finish();
    ended.map_err(|error| parser.syntax(&error, &Path::Root))?;
    Ok(root)
}

struct Parser<'a, 'l> {
    text: &'a str,
    jiter: Jiter<'a>,
    limits: &'l Limits,
}

impl<'a> Parser<'a, '_> {
    fn node(&mut self, peek: Peek, path: &Path<'_>, depth: usize) -> Result<Node<'a>, Unreadable> {
        let start = self.jiter.current_index();
        let value = match peek {
            Peek::Null => self.jiter.known_null().map(|()| Value::Null),
            Peek::True | Peek::False => self.jiter.known_bool(peek).map(|_| Value::Boolean),
            Peek::String => return self.text_node(path, start),
            Peek::Array => return self.list(path, start, depth),
            Peek::Object => return self.object(path, start, depth),
            _ => return self.number(peek, path, start),
        };
        let value = value.map_err(|error| self.syntax(&error, path))?;
        Ok(self.ended(start, value))
    }

    fn ended(&self, start: usize, value: Value<'a>) -> Node<'a> {
        Node {
            span: start..self.jiter.current_index(),
            value,
        }
    }

    fn number(
        &mut self,
        peek: Peek,
        path: &Path<'_>,
        start: usize,
    ) -> Result<Node<'a>, Unreadable> {
        let read = self.jiter.known_number_bytes(peek).map(|_| ());
        read.map_err(|error| self.syntax(&error, path))?;
        let text = self.slice(start, self.jiter.current_index());
        // Only these may be too large for anyone: others have at most as many digits as a float has.
        let doubtful = text.len() > 300 || text.contains(['e', 'E']);
        if doubtful && !text.parse::<f64>().is_ok_and(f64::is_finite) {
            let detail = "a number larger than any that can be held".to_owned();
            return Err(invalid("number_out_of_range", path, detail));
        }
        Ok(self.ended(start, Value::Number(text)))
    }

    fn text_node(&mut self, path: &Path<'_>, start: usize) -> Result<Node<'a>, Unreadable> {
        let read = self.jiter.known_bytes().map(|_| ());
        read.map_err(|error| self.syntax(&error, path))?;
        let raw = self.slice(start, self.jiter.current_index());
        let text = unescaped(raw, path)?;
        Ok(self.ended(start, Value::Text(text)))
    }

    fn list(
        &mut self,
        path: &Path<'_>,
        start: usize,
        depth: usize,
    ) -> Result<Node<'a>, Unreadable> {
        self.check_depth(path, depth)?;
        let mut items = Vec::new();
        let mut next = self.jiter.known_array();
        while let Some(peek) = next.map_err(|error| self.syntax(&error, path))? {
            self.check_items(path, items.len())?;
            let item = self.node(peek, &Path::Index(path, items.len()), depth + 1)?;
            items.push(item);
            next = self.jiter.array_step();
        }
        Ok(self.ended(start, Value::List(items)))
    }

    fn object(
        &mut self,
        path: &Path<'_>,
        start: usize,
        depth: usize,
    ) -> Result<Node<'a>, Unreadable> {
        self.check_depth(path, depth)?;
        let mut members: Vec<Member<'a>> = Vec::new();
        let mut keys: HashSet<Cow<'a, str>> = HashSet::new();
        let data = self.text;
        let mut next = self.jiter.known_object_key(data);
        while let Some(raw) = next.map_err(|error| self.syntax(&error, path))? {
            self.check_items(path, members.len())?;
            let key = unescaped(raw, path)?;
            let repeated = if members.len() < FEW_KEYS {
                members.iter().any(|member| member.key == key)
            } else {
                if members.len() == FEW_KEYS {
                    keys.extend(members.iter().map(|member| member.key.clone()));
                }
                !keys.insert(key.clone())
            };
            let here = Path::Key(path, &key);
            if repeated {
                let detail = "this key stands twice in its object".to_owned();
                return Err(invalid("duplicate_key", &here, detail));
            }
            let peek = self.jiter.peek();
            let peek = peek.map_err(|error| self.syntax(&error, &here))?;
            let node = self.node(peek, &here, depth + 1)?;
            members.push(Member { key, node });
            next = self.jiter.next_object_key(data);
        }
        Ok(self.ended(start, Value::Object(members)))
    }

    fn check_depth(&self, path: &Path<'_>, depth: usize) -> Result<(), Unreadable> {
        if depth <= self.limits.depth {
            return Ok(());
        }
        let limit = self.limits.depth;
        let detail = format!("lists and objects nested more than {limit} deep");
        Err(exceeded("too_deep", path, detail))
    }

    fn check_items(&self, path: &Path<'_>, had: usize) -> Result<(), Unreadable> {
        if had < self.limits.items {
            return Ok(());
        }
        let detail = format!(
            "more than {} items in one list or object",
            self.limits.items
        );
        Err(exceeded("too_many_items", path, detail))
    }

    fn slice(&self, start: usize, end: usize) -> &'a str {
        // Both stand beside ASCII: a quote, or a character of a number.
        self.text.get(start..end).unwrap_or_default()
    }

    fn syntax(&self, error: &JiterError, path: &Path<'_>) -> Unreadable {
        let position = self.jiter.error_position(error.index);
        let (reason, what) = match &error.error_type {
            JiterErrorType::JsonError(JsonErrorType::TrailingCharacters) => {
                ("trailing_text", "something follows the document".to_owned())
            }
            JiterErrorType::JsonError(
                JsonErrorType::LoneLeadingSurrogateInHexEscape
                | JsonErrorType::InvalidUnicodeCodePoint
                | JsonErrorType::UnexpectedEndOfHexEscape,
            ) => ("lone_surrogate", "half of a surrogate pair".to_owned()),
            JiterErrorType::JsonError(other) => ("syntax", other.to_string()),
            JiterErrorType::WrongType { .. } => ("syntax", "expected value".to_owned()),
        };
        let detail = format!(
            "{what}, in line {} column {}",
            position.line, position.column
        );
        invalid(reason, path, detail)
    }
}

/// The keys of objects as they are written, with their quotes.
trait Keys<'a> {
    fn known_object_key(&mut self, data: &'a str) -> Result<Option<&'a str>, JiterError>;
    fn next_object_key(&mut self, data: &'a str) -> Result<Option<&'a str>, JiterError>;
}

impl<'a> Keys<'a> for Jiter<'a> {
    fn known_object_key(&mut self, data: &'a str) -> Result<Option<&'a str>, JiterError> {
        let raw = self.next_object_bytes()?;
        Ok(raw.map(|raw| quoted(data, raw)))
    }

    fn next_object_key(&mut self, data: &'a str) -> Result<Option<&'a str>, JiterError> {
        let raw = self.next_key_bytes()?;
        Ok(raw.map(|raw| quoted(data, raw)))
    }
}

/// `raw` is a part of `data`, borrowed for a shorter time: the same part, with the quotes around it.
fn quoted<'a>(data: &'a str, raw: &[u8]) -> &'a str {
    let start = (raw.as_ptr() as usize).wrapping_sub(data.as_ptr() as usize);
    let with_quotes = start.wrapping_sub(1)..start.wrapping_add(raw.len() + 1);
    data.get(with_quotes).unwrap_or_default()
}

/// What a text says, given with its quotes.
fn unescaped<'a>(raw: &'a str, path: &Path<'_>) -> Result<Cow<'a, str>, Unreadable> {
    if !raw.contains('\\') {
        return Ok(Cow::Borrowed(
            raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default(),
        ));
    }
    let text: String = serde_json::from_str(raw)
        .map_err(|error| invalid("lone_surrogate", path, error.to_string()))?;
    if text.contains('\0') {
        let detail = "a text with a NUL, which not every store can keep".to_owned();
        return Err(invalid("nul_character", path, detail));
    }
    Ok(Cow::Owned(text))
}

fn invalid(reason: &'static str, path: &Path<'_>, detail: String) -> Unreadable {
    Unreadable {
        code: Code::InvalidJson,
        reason,
        path: path.pointer(),
        detail,
    }
}

fn exceeded(reason: &'static str, path: &Path<'_>, detail: String) -> Unreadable {
    Unreadable {
        code: Code::LimitExceeded,
        reason,
        path: path.pointer(),
        detail,
    }
}
