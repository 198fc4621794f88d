//! What a reader came to.

use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::ser::SerializeMap;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{Action, Diagnostic, Version};
use crate::catalogue::Code;
use crate::payload::misread;

/// How many items there were of lists that drop bad ones. Those that went with an item that was dropped
/// as a whole are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Items {
    /// In the document as it was given.
    pub given: usize,
    /// Of these, those that are good; they are in the value, if the document was accepted.
    pub kept: usize,
    /// Of these, not.
    pub dropped: usize,
}

/// The version of a document, and which of the contract's it counts as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TakenVersion {
    /// The field that has it.
    pub field: String,
    /// As it stands there.
    pub found: String,
    /// The one that the contract takes.
    pub taken_as: Version,
}

/// What became of a document: its value, or a rejection, and a diagnostic for each act.
///
/// Serialized, it is what `leasehold contract check` prints.
///
/// ```
/// use queue_core::contract::{Contract, Field, Object, ReadContext, Text};
/// let note = Object::of([Field::required("text", Text::new().trimmed())]);
/// let contract = Contract::of("note", note).build().unwrap();
///
/// let verdict = contract.read(r#"{"text": " hello "}"#, &ReadContext::new());
/// assert!(verdict.is_accepted());
/// assert_eq!(verdict.value().unwrap(), r#"{"text":"hello"}"#);
/// assert_eq!(verdict.original(), r#"{"text": " hello "}"#);
/// assert_eq!(verdict.repairs().count(), 1);
///
/// // What is good already stays as it is, byte for byte.
/// let good = r#"{ "text" : "hello" }"#;
/// assert_eq!(contract.read(good, &ReadContext::new()).value().unwrap(), good);
/// ```
#[derive(Clone)]
pub struct Verdict {
    contract: Arc<str>,
    original: Bytes,
    sha256: OnceLock<[u8; 32]>,
    accepted: Option<Bytes>,
    diagnostics: Vec<Diagnostic>,
    items: Items,
    versions: Vec<TakenVersion>,
}

impl Verdict {
    pub(super) fn of(
        contract: &str,
        original: Bytes,
        accepted: Option<Bytes>,
        diagnostics: Vec<Diagnostic>,
        items: Items,
        versions: Vec<TakenVersion>,
    ) -> Self {
        Self {
            contract: Arc::from(contract),
            original,
            sha256: OnceLock::new(),
            accepted,
            diagnostics,
            items,
            versions,
        }
    }

    /// The name of the contract.
    #[must_use]
    pub fn contract(&self) -> &str {
        &self.contract
    }

    /// Whether there is a value.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.accepted.is_some()
    }

    /// The accepted document as JSON, put right; the bytes as they were given where nothing had to be.
    #[must_use]
    pub fn value(&self) -> Option<Bytes> {
        self.accepted.clone()
    }

    /// The accepted document as a type.
    ///
    /// # Errors
    ///
    /// [`NotRead::Rejected`] with the verdict's problems, or [`NotRead::Disagrees`] if the type wants
    /// something else than the contract.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, NotRead> {
        let Some(accepted) = &self.accepted else {
            return Err(NotRead::Rejected(Rejection(Box::new(self.clone()))));
        };
        serde_json::from_slice(accepted).map_err(|source| NotRead::Disagrees {
            contract: self.contract.to_string(),
            source,
        })
    }

    /// All acts, in the order in which they were done.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The repair ledger: all that differs between the document and its value, but for what was dropped.
    pub fn repairs(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.is_repair())
    }

    /// What was given and kept of lists that drop bad items.
    #[must_use]
    pub fn items(&self) -> Items {
        self.items
    }

    /// The versions of the document that were taken.
    #[must_use]
    pub fn versions(&self) -> &[TakenVersion] {
        &self.versions
    }

    /// The document as it was given.
    #[must_use]
    pub fn original(&self) -> &Bytes {
        &self.original
    }

    /// Its SHA-256, in hexadecimal digits.
    #[must_use]
    pub fn sha256(&self) -> String {
        let digest = || Sha256::digest(&self.original).into();
        crate::hex(self.sha256.get_or_init(digest))
    }

    /// The accepted document, as [`Self::value`] gives it.
    ///
    /// # Errors
    ///
    /// The rejection.
    pub fn into_result(self) -> Result<Bytes, Rejection> {
        match self.value() {
            Some(accepted) => Ok(accepted),
            None => Err(Rejection(Box::new(self))),
        }
    }

    /// The rejection, if it is one.
    #[must_use]
    pub fn rejection(self) -> Option<Rejection> {
        self.into_result().err()
    }
}

/// Without the document and the values: what is printed for a developer ends in logs.
impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said: Vec<String> = self
            .diagnostics
            .iter()
            .take(TOLD)
            .map(ToString::to_string)
            .collect();
        f.debug_struct("Verdict")
            .field("contract", &self.contract)
            .field("bytes", &self.original.len())
            .field("accepted", &self.is_accepted())
            .field("diagnostics", &said)
            .finish_non_exhaustive()
    }
}

impl Serialize for Verdict {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let verdict = if self.is_accepted() {
            "accepted"
        } else {
            "rejected"
        };
        map.serialize_entry("verdict", verdict)?;
        map.serialize_entry("contract", self.contract())?;
        map.serialize_entry("bytes", &self.original.len())?;
        map.serialize_entry("sha256", &self.sha256())?;
        map.serialize_entry("versions", &self.versions)?;
        map.serialize_entry("items", &self.items)?;
        map.serialize_entry("diagnostics", &self.diagnostics)?;
        if let Some(accepted) = &self.accepted {
            let value: &RawValue =
                serde_json::from_slice(accepted).map_err(serde::ser::Error::custom)?;
            map.serialize_entry("value", value)?;
        }
        map.end()
    }
}

/// A document was rejected: an error for people that names every problem.
///
/// ```
/// use queue_core::contract::{Contract, Field, Integer, Object, ReadContext};
/// let order = Object::of([Field::required("id", Integer::new())]);
/// let contract = Contract::of("order", order).build().unwrap();
/// let rejection = contract.read("{}", &ReadContext::new()).rejection().unwrap();
/// assert_eq!(
///     rejection.to_string(),
///     "the document is not a valid `order`: /id: missing_required_field (absent)"
/// );
/// ```
#[derive(Debug, Clone)]
pub struct Rejection(Box<Verdict>);

impl Rejection {
    /// The whole verdict.
    #[must_use]
    pub fn verdict(&self) -> &Verdict {
        &self.0
    }

    /// The code of the whole.
    #[must_use]
    pub fn code(&self) -> Code {
        let last = self.0.diagnostics.last();
        last.map_or(Code::DocumentRejected, |diagnostic| diagnostic.code)
    }

    /// The problems, without the one that only says that there are some.
    pub fn problems(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.diagnostics.iter().filter(|diagnostic| {
            diagnostic.action == Action::Reject && !diagnostic.code.entry().summary
        })
    }
}

/// So many problems are told of in one line.
const TOLD: usize = 30;

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the document is not a valid `{}`", self.0.contract)?;
        for (nth, problem) in self.problems().take(TOLD).enumerate() {
            f.write_str(if nth == 0 { ": " } else { "; " })?;
            write!(f, "{problem}")?;
        }
        match self.problems().count().saturating_sub(TOLD) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl std::error::Error for Rejection {}

/// There is no value of the wanted type.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotRead {
    /// The document was rejected.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The contract took the document and the type did not: one of them has to change.
    #[error("what the contract `{contract}` accepts is not what its type wants: {}", misread(.source))]
    Disagrees {
        /// The contract.
        contract: String,
        /// What the type wants.
        source: serde_json::Error,
    },
}
