//! Contracts: what comes from outside is read leniently where that is safe, and never silently.
//!
//! A [`Contract`] is data: fields, types, ranges, rules, versions, what may be put right and what a bad
//! item costs. [`Contract::read`] reads bytes by it and gives a [`Verdict`]: the value, put right where
//! the contract allows it, or a rejection; in either case with a [`Diagnostic`] for each act, under a
//! code of the [catalogue](crate::catalogue). All problems come in one pass. The same contract gives the
//! JSON Schema, the list of fields for a prompt and a page for people, and it can be kept in a file.
//!
//! ```
//! use queue_core::contract::{Choice, Contract, Field, Integer, List, Object, ReadContext, Text};
//! use serde::Deserialize;
//!
//! let finding = Object::of([
//!     Field::required("severity", Choice::of(["high", "low"]).trimmed()),
//!     Field::required("line", Integer::new().at_least(1).or_digits()),
//!     Field::optional("hint", Text::new().trimmed()),
//! ]);
//! let review = Object::of([Field::required("findings", List::of(finding).drop_bad_items())]);
//! let contract = Contract::of("review", review).build().unwrap();
//!
//! let answer = r#"{"findings": [
//!     {"severity": "high", "line": "7"},
//!     {"severity": "awful", "line": 8}
//! ]}"#;
//! let verdict = contract.read(answer, &ReadContext::new());
//!
//! #[derive(Deserialize)]
//! struct Review { findings: Vec<Finding> }
//! #[derive(Deserialize)]
//! struct Finding { severity: String, line: u32 }
//!
//! let review: Review = verdict.parse().unwrap();
//! assert_eq!((review.findings.len(), review.findings[0].line), (1, 7));
//! let said: Vec<_> = verdict.diagnostics().iter().map(ToString::to_string).collect();
//! assert_eq!(said[0], r#"/findings/0/line: coercion_applied (digits_to_integer)"#);
//! assert!(said[1].starts_with("/findings/1/severity: invalid_enum_value (unknown_value)"));
//! assert_eq!(said[2], "/findings/1: item_dropped (invalid_enum_value)");
//! ```

mod builder;
mod coercion;
mod context;
mod diagnostic;
mod envelope;
mod fault;
mod file;
mod invalid;
mod limits;
mod members;
mod node;
mod object;
mod page;
mod parse;
mod path;
mod pattern;
mod problem;
mod prompt;
mod read;
mod repair;
mod rollout;
mod rule;
mod scalar;
mod schema;
mod shape;
mod summary;
mod telemetry;
mod verdict;
mod version;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

pub use builder::{Builder, Check};
pub use coercion::Coercion;
pub use context::ReadContext;
pub use diagnostic::{Action, Diagnostic};
pub use envelope::Wrapping;
pub use file::ContractFile;
pub use invalid::InvalidContract;
pub use limits::Limits;
pub use pattern::{InvalidPattern, Pattern};
pub use problem::Problem;
pub use rollout::{Rollout, VersionCount};
pub use rule::{Rule, Test};
pub use shape::{BadItem, Choice, Field, Integer, List, Number, Object, Shape, Text, Unknown};
pub use summary::SummaryCodes;
pub use verdict::{Items, NotRead, Rejection, TakenVersion, Verdict};
pub use version::{Accepted, InvalidVersion, Version, VersionForm, VersionPolicy, Versions};

/// What a document may be, checked when it was built. Cheap to clone.
///
/// Built by [`Contract::of`], or from a file by [`Contract::from_json`]. See the [module](self).
#[derive(Clone)]
pub struct Contract {
    built: Arc<Built>,
}

struct Built {
    file: ContractFile,
    checks: BTreeMap<String, Check>,
}

impl Contract {
    /// Begins a contract of this name, whose documents are of this shape.
    pub fn of(name: impl Into<String>, root: impl Into<Shape>) -> Builder {
        Builder::of(ContractFile::of(name, root))
    }

    /// The contract that a file says, as far as no check of a program belongs to it.
    ///
    /// # Errors
    ///
    /// [`InvalidContract`] if it is no contract, contradicts itself, or names a check: then
    /// [`ContractFile::from_json`] and [`Builder::check`] bring it.
    ///
    /// ```
    /// use queue_core::contract::Contract;
    /// let text = r#"{"name": "order", "root": {"type": "object", "fields": [
    ///     {"name": "id", "shape": {"type": "integer"}, "required": true}
    /// ]}}"#;
    /// assert_eq!(Contract::from_json(text).unwrap().name(), "order");
    /// let error = Contract::from_json(r#"{"name": "x", "rot": {"type": "any"}}"#).unwrap_err();
    /// assert!(error.to_string().contains("unknown field `rot`"), "{error}");
    /// ```
    pub fn from_json(text: &str) -> Result<Self, InvalidContract> {
        Builder::of(ContractFile::from_json(text)?).build()
    }

    /// As it stands in a file.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.built.file.to_json()
    }

    /// Its name, in diagnostics' metrics and in pages.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.built.file.name
    }

    /// The parts that it is made of.
    #[must_use]
    pub fn file(&self) -> &ContractFile {
        &self.built.file
    }

    /// Reads a document. Whatever the bytes are, there is a verdict, in time linear in their number.
    ///
    /// Its diagnostics are counted in `leasehold_diagnostics_total` and logged, without values.
    pub fn read(&self, document: impl Into<Bytes>, context: &ReadContext) -> Verdict {
        let verdict = read::read(&self.built, document.into(), context);
        telemetry::tell(&verdict);
        verdict
    }
}

impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Contract").field(&self.built.file).finish()
    }
}

impl PartialEq for Contract {
    fn eq(&self, other: &Self) -> bool {
        self.built.file == other.built.file
    }
}
