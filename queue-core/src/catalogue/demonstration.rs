//! Contracts by which every example of a document gives its code.

use super::Code;
use crate::contract::{Contract, ReadContext, SummaryCodes};

pub(super) const DOCUMENT: &str = include_str!("demonstration.json");
pub(super) const REVIEW: &str = include_str!("demonstration-review.json");
pub(super) const CONTEXT: &str = include_str!("demonstration-context.json");

/// The contract by which the [example](super::Example::Reads) of a code gives it: one for all codes, but
/// for those of reviews.
///
/// ```
/// use queue_core::catalogue::{Code, Example, demonstration, demonstration_context};
/// let Example::Reads(input) = Code::InvalidEnumValue.entry().example else { panic!() };
/// let contract = demonstration(Code::InvalidEnumValue);
/// let verdict = contract.read(input, &demonstration_context());
/// assert_eq!(verdict.diagnostics()[0].code, Code::InvalidEnumValue);
/// ```
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "the files are part of the program, and tests read them"
)]
pub fn demonstration(code: Code) -> Contract {
    let review = SummaryCodes::REVIEW;
    let text = if [review.item, review.all_items, review.document].contains(&code) {
        REVIEW
    } else {
        DOCUMENT
    };
    Contract::from_json(text).expect("a contract of ours")
}

/// What [`demonstration`]s compare with.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "the file is part of the program, and tests read it"
)]
pub fn demonstration_context() -> ReadContext {
    let object = serde_json::from_str(CONTEXT).expect("an object of ours");
    ReadContext::from_object(object)
}
