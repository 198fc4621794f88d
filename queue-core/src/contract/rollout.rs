//! Watching which versions come in while a new one is rolled out.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use serde::Serialize;

use super::{Contract, ReadContext, Shape, Verdict, Version};

/// A contract that counts, for each version that it takes, what became of the documents.
///
/// A new version is taken first and then written: the contract [accepts](super::Versions::accept) both,
/// and the old one goes when nothing of it comes any more. The same is counted over all processes in
/// `leasehold_contract_versions_total`.
///
/// ```
/// use queue_core::contract::{
///     Contract, Field, Object, ReadContext, Rollout, VersionPolicy, Versions,
/// };
/// let versions = Versions::major_minor()
///     .accept("1.4".parse().unwrap(), VersionPolicy::MinorCompatible)
///     .accept("2.0".parse().unwrap(), VersionPolicy::Exact);
/// let root = Object::of([Field::required("version", versions)]);
/// let rollout = Rollout::of(Contract::of("note", root).build().unwrap());
///
/// for document in [r#"{"version": "1.5"}"#, r#"{"version": "1.4"}"#, r#"{"version": "3.0"}"#] {
///     rollout.read(document, &ReadContext::new());
/// }
/// let counts: Vec<_> = rollout
///     .counts()
///     .into_iter()
///     .map(|count| (count.version.map(|version| version.to_string()), count.accepted, count.rejected))
///     .collect();
/// assert_eq!(counts[0], (None, 0, 1));
/// assert_eq!(counts[1], (Some("1.4".to_owned()), 2, 0));
/// assert_eq!(counts[2], (Some("2.0".to_owned()), 0, 0));
/// ```
#[derive(Debug)]
pub struct Rollout {
    contract: Contract,
    counts: Mutex<BTreeMap<(String, Option<Version>), Counted>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counted {
    accepted: u64,
    rejected: u64,
}

/// What became of the documents of one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VersionCount {
    /// The field with the version.
    pub field: String,
    /// The version that the documents were taken as; none for those whose version was not.
    pub version: Option<Version>,
    /// So many were accepted.
    pub accepted: u64,
    /// So many were rejected, for whatever reason.
    pub rejected: u64,
}

impl Rollout {
    /// Counts from nothing.
    #[must_use]
    pub fn of(contract: Contract) -> Self {
        let mut counts = BTreeMap::new();
        if let Shape::Object(root) = &contract.file().root {
            for field in &root.fields {
                if let Shape::Version(versions) = &field.shape {
                    let taken = versions
                        .accept
                        .iter()
                        .map(|accepted| Some(accepted.version));
                    for version in taken.chain([None]) {
                        counts.insert((field.name.clone(), version), Counted::default());
                    }
                }
            }
        }
        Self {
            contract,
            counts: Mutex::new(counts),
        }
    }

    /// Reads a document as [`Contract::read`] does, and counts it under each of its versions.
    pub fn read(&self, document: impl Into<Bytes>, context: &ReadContext) -> Verdict {
        let verdict = self.contract.read(document, context);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let fields: Vec<String> = counts.keys().map(|(field, _)| field.clone()).collect();
        for field in fields
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
        {
            let taken = verdict.versions().iter().find(|taken| taken.field == field);
            let count = counts.entry((field, taken.map(|taken| taken.taken_as)));
            let count = count.or_default();
            if verdict.is_accepted() {
                count.accepted += 1;
            } else {
                count.rejected += 1;
            }
        }
        verdict
    }

    /// What was counted, by field and version.
    #[must_use]
    pub fn counts(&self) -> Vec<VersionCount> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts
            .iter()
            .map(|((field, version), counted)| VersionCount {
                field: field.clone(),
                version: *version,
                accepted: counted.accepted,
                rejected: counted.rejected,
            })
            .collect()
    }
}
