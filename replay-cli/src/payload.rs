//! Bytes of jobs and messages, as far as they are to be seen.

use queue_core::Payload;
use serde::Serialize;
use serde_json::value::RawValue;

/// What is told of a payload: how large it is, and only where it is asked for, what is in it.
#[derive(Debug, Serialize)]
pub(crate) struct PayloadItem {
    pub(crate) content_type: String,
    pub(crate) schema_version: u32,
    pub(crate) bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<Content>,
}

/// The bytes as what they are.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Content {
    Json(Box<RawValue>),
    Text(String),
    Bytes { hex: String },
}

impl PayloadItem {
    pub(crate) fn of(payload: &Payload, whole: bool) -> Self {
        Self {
            content_type: payload.content_type().to_owned(),
            schema_version: payload.schema_version(),
            bytes: payload.bytes().len(),
            content: whole.then(|| Content::of(payload.bytes())),
        }
    }

    /// `42 bytes of application/json, version 1`
    pub(crate) fn summary(&self) -> String {
        format!(
            "{} bytes of {}, version {}",
            self.bytes, self.content_type, self.schema_version
        )
    }

    pub(crate) fn text(&self) -> Option<String> {
        Some(match self.content.as_ref()? {
            Content::Json(json) => json.get().to_owned(),
            Content::Text(text) => text.clone(),
            Content::Bytes { hex } => hex.clone(),
        })
    }
}

impl Content {
    fn of(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => match serde_json::from_str::<Box<RawValue>>(text) {
                Ok(json) => Self::Json(json),
                Err(_) => Self::Text(text.to_owned()),
            },
            Err(_) => Self::Bytes {
                hex: bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &'static [u8]) -> String {
        let payload = Payload::new(bytes, "x/y").unwrap();
        serde_json::to_string(&PayloadItem::of(&payload, true).content).unwrap()
    }

    #[test]
    fn bytes_are_shown_as_what_they_are() {
        assert_eq!(shown(b"{\"b\": 1, \"a\": 1.50}"), "{\"b\": 1, \"a\": 1.50}");
        assert_eq!(shown(b"Dear Ada"), "\"Dear Ada\"");
        assert_eq!(shown(b"\xff\x00"), "{\"hex\":\"ff00\"}");
        let payload = Payload::new("secret", "text/plain").unwrap();
        let unasked = PayloadItem::of(&payload, false);
        assert!(!serde_json::to_string(&unasked).unwrap().contains("secret"));
    }
}
