//! What came of an examination.

use queue_core::Code;
use serde::Serialize;

use super::Guarantee;

/// What a database promises, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What survives what.
    pub guarantee: Guarantee,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
}

/// Something that somebody should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is; `leasehold explain` has more of it.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What it is here.
    pub what: String,
    /// What to do.
    pub remedy: String,
    /// What was read, as it was read.
    pub value: Option<String>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Note,
    /// It should not stay so.
    Warning,
    /// Accepted jobs may be lost, or the queue stands still.
    Danger,
}

impl Severity {
    /// Its name.
    ///
    /// ```
    /// use queue_ops::doctor::Severity;
    /// assert_eq!(Severity::Danger.as_str(), "danger");
    /// assert!(Severity::Danger > Severity::Warning);
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Danger => "danger",
        }
    }
}

impl Report {
    /// How bad the worst is, if anything was found.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}

impl Finding {
    /// With the remedy that the catalogue has for it.
    pub(super) fn new(code: Code, severity: Severity, what: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            what: what.into(),
            remedy: code.entry().remedy.to_owned(),
            value: None,
        }
    }

    pub(super) fn note(code: Code, what: impl Into<String>) -> Self {
        Self::new(code, Severity::Note, what)
    }

    pub(super) fn warning(code: Code, what: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, what)
    }

    pub(super) fn danger(code: Code, what: impl Into<String>) -> Self {
        Self::new(code, Severity::Danger, what)
    }

    pub(super) fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }

    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }
}
