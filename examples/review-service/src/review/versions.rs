//! Which versions of answers are read, and which one is asked for.

use std::fmt;

use queue_core::contract::{Accepted, Version, VersionForm, VersionPolicy, Versions};
use serde::{Deserialize, Serialize};

/// The versions that are read: several, while a new one is rolled out.
///
/// ```
/// use review_service::review::AcceptedVersions;
/// let versions = AcceptedVersions::default();
/// assert!(versions.accepts("1.0".parse().unwrap(), "1.0.3".parse().unwrap()));
/// assert!(!versions.accepts("2.0".parse().unwrap(), "1.0.0".parse().unwrap()));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AcceptedVersions {
    /// Of the contract that the answer is written by.
    pub schema: Vec<Accepted>,
    /// Of the prompt that was answered.
    pub prompt: Vec<Accepted>,
}

impl Default for AcceptedVersions {
    /// Those of [`Edition::default`]: the schema and what only adds to it, the prompt with any patch.
    fn default() -> Self {
        let Edition { schema, prompt } = Edition::default();
        Self {
            schema: vec![Accepted {
                version: schema,
                policy: VersionPolicy::MinorCompatible,
            }],
            prompt: vec![Accepted {
                version: prompt,
                policy: VersionPolicy::PatchDrift,
            }],
        }
    }
}

impl AcceptedVersions {
    /// Exactly one.
    #[must_use]
    pub fn only(edition: Edition) -> Self {
        let exactly = |version| Accepted {
            version,
            policy: VersionPolicy::Exact,
        };
        Self {
            schema: vec![exactly(edition.schema)],
            prompt: vec![exactly(edition.prompt)],
        }
    }

    /// Whether an answer of these versions is read.
    #[must_use]
    pub fn accepts(&self, schema: Version, prompt: Version) -> bool {
        let read = |versions: Versions, found: Version| versions.read(&found.to_string()).is_ok();
        read(self.schema(), schema) && read(self.prompt(), prompt)
    }

    pub(super) fn schema(&self) -> Versions {
        Versions {
            form: VersionForm::MajorMinor,
            accept: self.schema.clone(),
        }
    }

    pub(super) fn prompt(&self) -> Versions {
        Versions {
            form: VersionForm::MajorMinorPatch,
            accept: self.prompt.clone(),
        }
    }
}

/// What a model is asked for: a prompt, and the contract that its answer is to follow.
///
/// ```
/// use review_service::review::Edition;
/// assert_eq!(Edition::default().to_string(), "prompt 1.0.0, schema 1.0");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// The version of the contract.
    pub schema: Version,
    /// The version of the prompt.
    pub prompt: Version,
}

impl Default for Edition {
    fn default() -> Self {
        Self {
            schema: Version {
                major: 1,
                minor: 0,
                patch: None,
            },
            prompt: Version {
                major: 1,
                minor: 0,
                patch: Some(0),
            },
        }
    }
}

impl fmt::Display for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "prompt {}, schema {}", self.prompt, self.schema)
    }
}
