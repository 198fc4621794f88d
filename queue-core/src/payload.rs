//! The bytes of a job: kept exactly as given, with what is needed to read them again.

use bytes::Bytes;
use serde::Serialize;

/// The default limit for one payload: larger things belong into a store of their own, by reference.
pub const DEFAULT_PAYLOAD_LIMIT: usize = 256 * 1024;

/// The content type of JSON payloads.
pub const JSON: &str = "application/json";

/// Why a payload was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPayload {
    /// Longer than the limit.
    #[error(
        "the payload has {size} bytes, the limit is {limit}: store the data elsewhere and enqueue a \
         reference to it, or raise the limit with Payload::with_limit"
    )]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The content type is not one.
    #[error(
        "`{0}` is not a content type: write type/subtype, like application/json, of at most 128 characters"
    )]
    ContentType(String),
    /// The value could not be written as JSON.
    #[error("the payload cannot be written as JSON: {0}")]
    Unwritable(#[source] serde_json::Error),
}

/// Bytes with content type and schema version.
///
/// ```
/// use queue_core::Payload;
/// let payload = Payload::json(&serde_json::json!({"order": 42})).unwrap();
/// assert_eq!(payload.bytes().as_ref(), br#"{"order":42}"#);
/// assert_eq!(payload.read::<serde_json::Value>().unwrap()["order"], 42);
/// let error = Payload::new(vec![0; 300_000], "image/png").unwrap_err();
/// assert!(error.to_string().contains("the limit is 262144"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    bytes: Bytes,
    content_type: std::borrow::Cow<'static, str>,
    schema_version: u32,
}

/// Why a type could not read a document, without the value that it could not read: `serde_json` tells
/// it, and it may be a secret.
pub(crate) fn misread(error: &serde_json::Error) -> String {
    let said = error.to_string();
    if !error.is_data() || said.starts_with("missing field") {
        return said;
    }
    match said.rsplit_once(", expected ") {
        Some((_, wanted)) => format!("expected {wanted}"),
        None => {
            let (line, column) = (error.line(), error.column());
            format!("a value that its type refuses ends at line {line} column {column}")
        }
    }
}

impl Payload {
    /// Any bytes, up to the default limit.
    pub fn new(
        bytes: impl Into<Bytes>,
        content_type: impl Into<String>,
    ) -> Result<Self, InvalidPayload> {
        Self::with_limit(bytes, content_type, DEFAULT_PAYLOAD_LIMIT)
    }

    /// Any bytes, up to a limit of the caller's.
    pub fn with_limit(
        bytes: impl Into<Bytes>,
        content_type: impl Into<String>,
        limit: usize,
    ) -> Result<Self, InvalidPayload> {
        let (bytes, content_type) = (bytes.into(), content_type.into());
        if bytes.len() > limit {
            return Err(InvalidPayload::TooLarge {
                size: bytes.len(),
                limit,
            });
        }
        let well_formed = content_type.len() <= 128
            && content_type.is_ascii()
            && !content_type.contains(|c: char| c.is_ascii_control())
            && content_type
                .split_once('/')
                .is_some_and(|(a, b)| !a.is_empty() && !b.is_empty());
        if !well_formed {
            let shown = content_type
                .chars()
                .take(40)
                .flat_map(char::escape_default)
                .collect();
            return Err(InvalidPayload::ContentType(shown));
        }
        Ok(Self::stored(bytes, content_type, 1))
    }

    /// A value as JSON.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, InvalidPayload> {
        let bytes = serde_json::to_vec(value).map_err(InvalidPayload::Unwritable)?;
        Self::new(bytes, JSON)
    }

    /// What a cancelled job has for a result: why.
    #[must_use]
    pub fn of_cancellation(reason: &str) -> Self {
        Self::stored(serde_json::json!({ "reason": reason }).to_string(), JSON, 1)
    }

    /// The same bytes under another schema version; new payloads have version 1.
    #[must_use]
    pub fn version(mut self, schema_version: u32) -> Self {
        self.schema_version = schema_version;
        self
    }

    /// What a store read back. It was checked when it came in and is not checked again, so that a
    /// lowered limit cannot make an accepted job unreadable.
    #[must_use]
    pub fn stored(
        bytes: impl Into<Bytes>,
        content_type: impl Into<String>,
        schema_version: u32,
    ) -> Self {
        let content_type = content_type.into();
        let content_type = if content_type == JSON {
            JSON.into()
        } else {
            content_type.into()
        };
        Self {
            bytes: bytes.into(),
            content_type,
            schema_version,
        }
    }

    /// Other bytes, which say the same.
    pub(crate) fn with_bytes(&self, bytes: Bytes) -> Self {
        Self {
            bytes,
            ..self.clone()
        }
    }

    /// The bytes as given.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The content type.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// The schema version.
    #[must_use]
    pub fn schema_version(&self) -> u32 {
        self.schema_version
    }

    /// Reads the bytes as JSON.
    pub fn read<'a, T: serde::Deserialize<'a>>(&'a self) -> serde_json::Result<T> {
        serde_json::from_slice(&self.bytes)
    }
}
