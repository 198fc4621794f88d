//! Places in JSON, by RFC 6901.

use serde_json::Value;

#[cfg(feature = "search")]
use super::InvalidHttp;

/// Checks that a text points somewhere.
#[cfg(feature = "search")]
pub(crate) fn check(pointer: &str) -> Result<(), InvalidHttp> {
    if pointer.is_empty() || pointer.starts_with('/') {
        return Ok(());
    }
    Err(InvalidHttp::new(format!(
        "`{}` is no JSON pointer: write one, like /data/0/id",
        pointer.escape_default()
    )))
}

/// A text or number at that place.
pub(crate) fn text_at(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
