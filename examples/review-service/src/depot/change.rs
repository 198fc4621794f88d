//! A change as the depot has it.

use serde::{Deserialize, Serialize};

use super::Changelist;

/// What was submitted, by whom, and what it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its number.
    pub changelist: Changelist,
    /// Who submitted it.
    pub author: String,
    /// What its author says of it.
    pub description: String,
    /// All files that it touches.
    pub files: Vec<ChangedFile>,
    /// The differences, unified.
    pub diff: String,
    /// Whether there was more of them than is read. The last line is whole.
    pub cut: bool,
}

/// A file of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFile {
    /// Its path in the depot.
    pub path: String,
    /// What was done to it: `edit`, `add`, `delete`, `move/add`, …
    pub action: String,
    /// Its revision after the change.
    pub revision: u32,
}
