//! Holds answers to the contract.

use bytes::Bytes;
use queue_core::contract::{
    Contract, Diagnostic, InvalidContract, Items, NotRead, ReadContext, TakenVersion, Verdict,
};
use queue_core::{ErrorClass, Failure, ReasonCode};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::{AcceptedVersions, CHANGED_FILES, Finding, Review, contract};

/// The contract, built once for the versions that are read.
///
/// ```
/// use review_service::review::{AcceptedVersions, AnswerContract};
/// let contract = AnswerContract::new(&AcceptedVersions::default()).unwrap();
/// let files = ["src/db.rs".to_owned()];
/// let answer = r#"{"schema_version": "1.0", "prompt_version": "1.0.0", "findings": [
///     {"id": "1", "severity": "high", "category": "security", "title": "SQL from outside",
///      "file": "src\\db.rs", "line": "17", "message": "The id is not escaped."},
///     {"id": "2", "severity": "low", "category": "style", "title": "Long line",
///      "file": "src/made_up.rs", "line": 3, "message": "More than 120 columns."}
/// ]}"#;
/// let checked = contract.check(answer, &files, Some("change 17"));
/// assert_eq!((checked.findings().len(), checked.items().dropped), (1, 1));
/// assert_eq!(checked.findings()[0].file, "src/db.rs");
/// let codes: Vec<_> = checked.diagnostics().iter().map(|said| said.code.as_str()).collect();
/// assert!(codes.contains(&"file_not_in_changed_files"));
///
/// let refused = contract.check("Looks good to me!", &files, None).into_review().unwrap_err();
/// assert_eq!(refused.failure().class.as_str(), "SCHEMA_INVALID");
/// ```
#[derive(Debug, Clone)]
pub struct AnswerContract {
    contract: Contract,
}

impl AnswerContract {
    /// For these versions.
    ///
    /// # Errors
    ///
    /// If they contradict each other, or there are none.
    pub fn new(versions: &AcceptedVersions) -> Result<Self, InvalidContract> {
        contract(versions).map(|contract| Self { contract })
    }

    /// The longest answer that is read, in bytes.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.contract.file().limits.bytes
    }

    /// What becomes of an answer to the review of a change with these files. The correlation id is carried by every
    /// diagnostic.
    #[must_use]
    pub fn check(
        &self,
        answer: impl Into<Bytes>,
        changed_files: &[String],
        correlation_id: Option<&str>,
    ) -> Checked {
        let mut context = ReadContext::new().list(CHANGED_FILES, changed_files);
        if let Some(id) = correlation_id {
            context = context.correlation_id(id);
        }
        let verdict = self.contract.read(answer, &context);
        let review = verdict.parse().map_err(|why| RejectedAnswer(Box::new(why)));
        Checked { verdict, review }
    }
}

/// What became of an answer: a review or none, and each thing that was done to come to it.
///
/// Serialized, it is what `review-service check-answer` prints.
#[derive(Debug)]
pub struct Checked {
    verdict: Verdict,
    review: Result<Review, RejectedAnswer>,
}

impl Checked {
    /// Whether there is a review; all of its findings may have been dropped.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.review.is_ok()
    }

    /// The findings that were kept; none if the answer was rejected.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        self.review.as_ref().map_or(&[], |review| &review.findings)
    }

    /// All acts, in the order in which they were done.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        self.verdict.diagnostics()
    }

    /// How many findings were given, kept and dropped.
    #[must_use]
    pub fn items(&self) -> Items {
        self.verdict.items()
    }

    /// The versions that the answer was taken as.
    #[must_use]
    pub fn versions(&self) -> &[TakenVersion] {
        self.verdict.versions()
    }

    /// The review.
    ///
    /// # Errors
    ///
    /// [`RejectedAnswer`] if nothing of the answer can be taken.
    pub fn into_review(self) -> Result<Review, RejectedAnswer> {
        self.review
    }
}

impl Serialize for Checked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let verdict = match self.is_accepted() {
            true => "accepted",
            false => "rejected",
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("verdict", verdict)?;
        map.serialize_entry("items", &self.items())?;
        map.serialize_entry("versions", self.versions())?;
        if let Some(summary) = self.review.as_ref().ok().and_then(|it| it.summary.as_ref()) {
            map.serialize_entry("summary", summary)?;
        }
        map.serialize_entry("findings", self.findings())?;
        map.serialize_entry("diagnostics", self.diagnostics())?;
        map.end()
    }
}

/// Nothing of an answer can be taken: an error for people that names every problem and repeats no value.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct RejectedAnswer(Box<NotRead>);

impl RejectedAnswer {
    /// What ends the attempt: the same answer would be rejected again, so there is no other one. The reason is the
    /// code of the first problem, by which dead letters are listed.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let failure = Failure::permanent(ErrorClass::schema_invalid(), self.to_string());
        let NotRead::Rejected(rejection) = &*self.0 else {
            return failure;
        };
        let first = rejection.problems().next();
        let code = first.map_or_else(|| rejection.code(), |problem| problem.code);
        failure.because(ReasonCode::of(code))
    }
}
