//! Whatever a model answers, what is accepted of it is about the change and within the contract.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use proptest::prelude::*;
use review_service::review::{AcceptedVersions, AnswerContract, Checked, Review};
use serde_json::{Value, json};

const FILE: &str = "//depot/orders/docs/Übersicht.md";

fn files() -> Vec<String> {
    vec![FILE.to_owned(), "//depot/orders/src/a.rs".to_owned()]
}

fn check(answer: impl Into<Vec<u8>>) -> Checked {
    let contract = AnswerContract::new(&AcceptedVersions::default()).unwrap();
    contract.check(answer.into(), &files(), None)
}

fn finding() -> Value {
    json!({
        "id": "f1", "severity": "high", "category": "security", "title": "t", "file": FILE, "line": 1,
        "message": "m",
    })
}

fn answer(finding: &Value) -> Value {
    json!({ "schema_version": "1.0", "prompt_version": "1.0.0", "findings": [finding] })
}

/// The codes and reasons that are said of an answer.
fn said(checked: &Checked) -> Vec<String> {
    let diagnostics = checked.diagnostics().iter();
    diagnostics
        .map(|it| format!("{} {}", it.code.as_str(), it.reason))
        .collect()
}

#[test]
fn a_finding_that_is_not_as_agreed_is_dropped_and_told() {
    let rows = [
        (
            "file",
            json!("//depot/orders/src/b.rs"),
            "file_not_in_changed_files not_listed",
        ),
        (
            "file",
            json!("//depot/orders/src/../src/a.rs"),
            "file_not_in_changed_files not_listed",
        ),
        (
            "file",
            json!("//depot/orders/src/./a.rs"),
            "file_not_in_changed_files not_listed",
        ),
        (
            "file",
            json!("//depot/orders/src//a.rs"),
            "file_not_in_changed_files not_listed",
        ),
        (
            "file",
            json!("/depot/orders/src/a.rs"),
            "file_not_in_changed_files not_listed",
        ),
        (
            "file",
            json!("//depot/orders/src/a.rs/"),
            "file_not_in_changed_files not_listed",
        ),
        (
            "file",
            json!("//DEPOT/orders/src/a.rs"),
            "file_not_in_changed_files not_listed",
        ),
        (
            "file",
            json!("//depot/orders/src/a.rs#3"),
            "file_not_in_changed_files not_listed",
        ),
        (
            "file",
            json!("//depot/orders/src/..."),
            "file_not_in_changed_files not_listed",
        ),
        (
            "file",
            json!("//depot/orders/src/%61.rs"),
            "file_not_in_changed_files not_listed",
        ),
        // Looks the same: a letter with its dots apart, a slash of another alphabet, one that is not seen.
        (
            "file",
            json!("//depot/orders/docs/U\u{308}bersicht.md"),
            "file_not_in_changed_files not_listed",
        ),
        (
            "file",
            json!("//depot/orders\u{2215}src/a.rs"),
            "file_not_in_changed_files not_listed",
        ),
        (
            "file",
            json!("//depot/orders/src/a\u{200b}.rs"),
            "file_not_in_changed_files not_listed",
        ),
        (
            "file",
            json!("\u{202e}sr.a/crs/sredro/toped//"),
            "file_not_in_changed_files not_listed",
        ),
        (
            "file",
            json!(["//depot/orders/src/a.rs"]),
            "schema_mismatch wrong_type",
        ),
        ("file", json!(null), "missing_required_field null"),
        ("file", json!(" "), "missing_required_field blank"),
        ("line", json!(0), "invalid_line_range out_of_range"),
        ("line", json!(-1), "invalid_line_range out_of_range"),
        ("line", json!(1.5), "schema_mismatch not_an_integer"),
        ("line", json!("one"), "schema_mismatch wrong_type"),
        ("line", json!("٧"), "schema_mismatch not_ascii_digits"),
        ("line", json!(true), "schema_mismatch wrong_type"),
        ("end_line", json!(0), "invalid_line_range out_of_range"),
        ("severity", json!("HIGH"), "invalid_enum_value wrong_case"),
        ("severity", json!(1), "schema_mismatch wrong_type"),
        (
            "severity",
            json!({ "toString": "high" }),
            "schema_mismatch wrong_type",
        ),
        (
            "category",
            json!("security; DROP TABLE jobs"),
            "invalid_enum_value unknown_value",
        ),
        ("confidence", json!(0.99), "schema_mismatch wrong_type"),
        ("title", json!(""), "missing_required_field blank"),
        ("title", json!("x".repeat(301)), "schema_mismatch too_long"),
        ("message", json!(["a", "b"]), "schema_mismatch wrong_type"),
        ("id", json!(7), "schema_mismatch wrong_type"),
        ("approved", json!(true), "schema_mismatch unknown_field"),
        (
            "__proto__",
            json!({ "severity": "low" }),
            "schema_mismatch unknown_field",
        ),
    ];
    for (field, value, wanted) in rows {
        let mut finding = finding();
        finding[field] = value.clone();
        let checked = check(answer(&finding).to_string());
        let said = said(&checked);
        assert!(
            checked.is_accepted() && checked.findings().is_empty(),
            "{field}: {value}"
        );
        assert!(
            said.iter().any(|it| it == wanted),
            "{field}: {value}: {said:?}"
        );
        assert!(
            said.iter().any(|it| it.starts_with("all_findings_dropped")),
            "{said:?}"
        );
    }
}

#[test]
fn an_answer_that_is_not_as_agreed_is_rejected() {
    let rows = [
        ("schema_version", json!("2.0")),
        ("schema_version", json!("0.9")),
        ("schema_version", json!("1.0.0")),
        ("schema_version", json!(1.0)),
        ("schema_version", json!(" 1.0")),
        ("prompt_version", json!("1.1.0")),
        ("prompt_version", json!("1.0.0-rc1")),
        ("prompt_version", json!(null)),
        ("findings", json!("none")),
        ("findings", json!({ "0": finding() })),
        ("findings", json!(null)),
        ("summary", json!(["fine"])),
        ("meta", json!("fine")),
        ("approved", json!(true)),
        ("findings", json!(vec![finding(); 10_001])),
    ];
    for (field, value) in rows {
        let mut answer = answer(&finding());
        answer[field] = value.clone();
        let checked = check(answer.to_string());
        assert!(
            !checked.is_accepted() && checked.findings().is_empty(),
            "{field}: {value}"
        );
        assert!(
            said(&checked)
                .last()
                .unwrap()
                .starts_with("response_rejected")
        );
    }
}

#[test]
fn versions_that_only_add_are_read() {
    for (schema, prompt) in [("1.0", "1.0"), ("1.7", "1.0.12"), ("1.0", "1.0.0")] {
        let mut answer = answer(&finding());
        answer["schema_version"] = json!(schema);
        answer["prompt_version"] = json!(prompt);
        let checked = check(answer.to_string());
        assert_eq!(
            checked.findings().len(),
            1,
            "{schema} {prompt}: {:?}",
            said(&checked)
        );
    }
}

/// What has to hold of whatever is accepted.
fn is_within_the_contract(review: &Review) -> bool {
    review.findings.iter().all(|finding| {
        let texts = [&finding.id, &finding.title, &finding.message];
        files().contains(&finding.file)
            && finding.line >= 1
            && finding.end_line.is_none_or(|end| end >= finding.line)
            && texts
                .iter()
                .all(|text| !text.is_empty() && text.trim() == text.as_str())
            && finding.title.chars().count() <= 300
    })
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3..50i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        "[ \\\\./]{0,4}(//depot/orders/src/a[.]rs|high|style|low)[ /]{0,2}".prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn odd_finding() -> impl Strategy<Value = Value> {
    let field = prop::sample::select(vec![
        "id",
        "severity",
        "category",
        "title",
        "file",
        "line",
        "message",
        "end_line",
        "suggestion",
        "confidence",
        "rule_id",
        "other",
    ]);
    prop::collection::vec((field, prop::option::weighted(0.9, value())), 0..3).prop_map(|changes| {
        let mut finding = finding();
        for (field, value) in changes {
            match (value, finding.as_object_mut()) {
                (Some(value), Some(members)) => drop(members.insert(field.to_owned(), value)),
                (None, Some(members)) => drop(members.remove(field)),
                _ => {}
            }
        }
        finding
    })
}

proptest! {
    /// Findings in which some fields are anything that JSON can hold here: without NUL, which costs the whole answer.
    #[test]
    fn only_findings_within_the_contract_are_accepted(findings in prop::collection::vec(odd_finding(), 0..5)) {
        let mut answer = answer(&Value::Null);
        answer["findings"] = Value::from(findings.clone());
        let checked = check(answer.to_string());
        prop_assert!(checked.is_accepted());
        let items = checked.items();
        prop_assert_eq!((items.given, items.kept), (findings.len(), checked.findings().len()));
        // What is not kept was told.
        let dropped = said(&checked).iter().filter(|it| it.starts_with("finding_dropped")).count();
        prop_assert_eq!(dropped, items.dropped);
        prop_assert!(is_within_the_contract(&checked.into_review().unwrap()));
    }

    /// Answers that were damaged on the way, and what is none at all.
    #[test]
    fn damaged_answers_are_read_or_rejected_and_nothing_else(
        at in any::<prop::sample::Index>(),
        cut in 0..40usize,
        put in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        let mut bytes = answer(&finding()).to_string().into_bytes();
        let start = at.index(bytes.len());
        let end = (start + cut).min(bytes.len());
        bytes.splice(start..end, put);
        if let Ok(review) = check(bytes).into_review() {
            prop_assert!(is_within_the_contract(&review));
        }
    }
}
