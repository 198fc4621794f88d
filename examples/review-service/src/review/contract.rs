//! The contract of review results.

use queue_core::Code;
use queue_core::contract::{
    Choice, Contract, Field, Integer, InvalidContract, Limits, List, Object, Rule, SummaryCodes,
    Text,
};

use super::{AcceptedVersions, Category, Confidence, Severity};

/// The list that the context has to bring: the files of the change.
pub const CHANGED_FILES: &str = "changed_files";

/// What a review result may be. From it come the reading of answers, the part of the prompt that says what to write,
/// and the pages that describe it.
///
/// # Errors
///
/// If the versions contradict each other, or there are none.
///
/// ```
/// use review_service::review::{AcceptedVersions, contract};
/// let contract = contract(&AcceptedVersions::default()).unwrap();
/// assert!(contract.prompt_fields().contains("- `schema_version` (required): exactly \"1.0\"."));
/// ```
pub fn contract(versions: &AcceptedVersions) -> Result<Contract, InvalidContract> {
    let root = Object::of([
        Field::required("schema_version", versions.schema()).about("The version of this contract."),
        Field::required("prompt_version", versions.prompt())
            .about("The version of the prompt that was answered."),
        Field::required("findings", List::of(finding()).drop_bad_items())
            .about("What is wrong, a finding each; an empty list if nothing is."),
        Field::optional("summary", Text::new().trimmed()).about("The change in a few words."),
        Field::optional("meta", Object::open()).about("Anything else; nobody reads it."),
    ]);
    Contract::of("review-result", root)
        .about("What a model found in a change.")
        .limits(Limits {
            depth: 16,
            ..Limits::default()
        })
        .summary(SummaryCodes::REVIEW)
        .build()
}

fn finding() -> Object {
    let line = || {
        Integer::new()
            .at_least(1)
            .or_digits()
            .code(Code::InvalidLineRange)
    };
    let text = || Text::new().trimmed();
    Object::of([
        Field::required("id", text().not_empty().max_chars(100))
            .about("Tells findings of one answer apart."),
        Field::required("severity", Choice::of(Severity::ALL).trimmed()).about("How bad it is."),
        Field::required("category", Choice::of(Category::ALL).trimmed()).about("What it concerns."),
        Field::required("title", text().not_empty().max_chars(300))
            .about("One line that says what is wrong."),
        Field::required("file", Text::new().file_path().not_empty())
            .about("The path of the file, as the change names it."),
        Field::required("line", line()).about("The first line that it concerns."),
        Field::required("message", text().not_empty()).about("What is wrong, and why."),
        Field::optional("end_line", line()).about("The last line that it concerns."),
        Field::optional("suggestion", text()).about("What to do about it."),
        Field::optional("confidence", Choice::of(Confidence::ALL).trimmed())
            .about("How sure it is."),
        Field::optional("rule_id", text()).about("The rule that it breaks, if there is one."),
    ])
    .rule(Rule::not_less("end_line", "line").code(Code::InvalidLineRange))
    .rule(Rule::among("file", CHANGED_FILES).code(Code::FileNotInChangedFiles))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_one_that_is_in_a_file_for_everybody_else() {
        let file = include_str!("../../../../fixtures/contracts/review-result.json");
        let ours = contract(&AcceptedVersions::default()).unwrap();
        assert_eq!(ours, Contract::from_json(file).unwrap());
    }

    #[test]
    fn it_wants_versions() {
        let none = AcceptedVersions {
            schema: Vec::new(),
            ..AcceptedVersions::default()
        };
        let error = contract(&none).unwrap_err().to_string();
        assert!(error.contains("schema_version"), "{error}");
    }
}
