//! A contract as a file, which programs of other languages and the CLI read too.

use serde::{Deserialize, Serialize};

use super::fault::{self, Fault};
use super::{InvalidContract, Limits, Shape, SummaryCodes, Wrapping};

/// All that a contract says, as it stands in a JSON file.
///
/// It is only words until [`Contract::from_json`](super::Contract::from_json) or
/// [`Builder::build`](super::Builder::build) has checked it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ContractFile {
    /// Its name: lower-case letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// What its documents are, for people and models.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// How large a document may be.
    #[serde(default)]
    pub limits: Limits,
    /// What may stand around a document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unwrap: Vec<Wrapping>,
    /// The codes that stand for other problems.
    #[serde(default)]
    pub summary: SummaryCodes,
    /// What a document may be.
    pub root: Shape,
}

impl ContractFile {
    pub(super) fn of(name: impl Into<String>, root: impl Into<Shape>) -> Self {
        Self {
            name: name.into(),
            about: String::new(),
            limits: Limits::default(),
            unwrap: Vec::new(),
            summary: SummaryCodes::default(),
            root: root.into(),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`InvalidContract::File`] or [`InvalidContract::Part`], with the place and what may stand there.
    pub fn from_json(text: &str) -> Result<Self, InvalidContract> {
        let part = |Fault { line, path, why }| InvalidContract::Part { line, path, why };
        match serde_json::from_str(text) {
            Ok(file) => fault::stray(text).map_or(Ok(file), |fault| Err(part(fault))),
            Err(error) => Err(fault::find(text).map_or(InvalidContract::File(error), part)),
        }
    }

    /// Writes it.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Nothing in it can fail to be written: it has no maps with other keys than texts, and its
        // numbers were checked to be finite.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}
