//! `leasehold contract check`, and the contract as others want it.

use queue_core::contract::Contract;
use serde_json::json;

use super::{Desk, REVIEW};

const CHECK: &str = "contract check --contract review.json --context change.json";

const GOOD: &str = r#"{ "schema_version": "1.0", "prompt_version": "1.0.0", "findings": [] }"#;

const UNTIDY: &str = r#"{"schema_version": "1.2", "prompt_version": "1.0.1", "findings": [
    {"id": "1", "severity": "high", "category": "test", "title": " A leak ", "file": ".\\src\\a.rs",
     "line": "3", "message": "It leaks."},
    {"id": "2", "severity": "High", "category": "test", "title": "Another", "file": "src/b.rs",
     "line": 1, "message": "It leaks, too."}
]}"#;

#[test]
fn a_good_document_is_accepted_as_it_is() {
    let verdict = Desk::new().feed(CHECK, GOOD);
    assert_eq!(verdict.verdict()["verdict"], "accepted");
    assert!(verdict.data().ends_with(&format!("\"value\":{GOOD}}}\n")));
}

#[test]
fn repairs_and_dropped_items_are_on_the_record() {
    let desk = Desk::new();
    desk.file("answer.json", UNTIDY);
    insta::assert_snapshot!(desk.run(&format!("{CHECK} answer.json --pretty")).data());
}

#[test]
fn a_file_and_standard_input_are_read_alike() {
    let desk = Desk::new();
    desk.file("answer.json", UNTIDY);
    let wanted = desk.feed(CHECK, UNTIDY).data();
    assert_eq!(desk.feed(&format!("{CHECK} -"), UNTIDY).data(), wanted);
    assert_eq!(desk.run(&format!("{CHECK} answer.json")).data(), wanted);
    assert_eq!(
        desk.run(&format!("{CHECK} --compact answer.json")).data(),
        wanted
    );
}

#[test]
fn one_line_is_one_also_where_the_document_has_more() {
    let desk = Desk::new();
    for input in [UNTIDY.to_owned(), GOOD.replace(' ', "\r\n")] {
        let line = desk.feed(&format!("{CHECK} --compact"), input).data();
        assert_eq!(
            (line.lines().count(), line.contains('\r')),
            (1, false),
            "{line}"
        );
    }
}

#[test]
fn a_rejected_document_has_a_code_of_its_own_and_a_verdict() {
    let ran = Desk::new().feed(
        CHECK,
        r#"{"schema_version": "2.0", "prompt_version": "1.0.0"}"#,
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (2, ""));
    let verdict = ran.verdict();
    assert_eq!(verdict["verdict"], "rejected");
    assert_eq!(verdict.get("value"), None);
    let first = &verdict["diagnostics"][0];
    assert_eq!(first["code"], "incompatible_version");
    assert_eq!(
        (&first["path"], &first["correlation_id"]),
        (&json!("/schema_version"), &json!("7"))
    );
}

#[test]
fn a_missing_context_is_said_to_who_runs_it() {
    let desk = Desk::new();
    desk.file("empty.json", "{}");
    for (line, note) in [
        (
            "",
            "note: the reader was not given the list `changed_files`; give it by --context FILE\n",
        ),
        (
            "--context empty.json",
            "note: the reader was not given the list `changed_files`; write it in empty.json\n",
        ),
    ] {
        let ran = desk.feed(
            &format!("contract check --contract review.json {line}"),
            UNTIDY,
        );
        assert_eq!((ran.code, ran.stderr.as_str()), (2, note));
        assert_eq!(ran.verdict()["diagnostics"][0]["code"], "context_missing");
    }
    // Where nothing has to be compared it is not missed.
    desk.feed("contract check --contract review.json", GOOD)
        .data();
}

#[test]
fn a_context_of_another_type_is_said_as_well() {
    let desk = Desk::new();
    desk.file("change.json", r#"{"changed_files": "src/a.rs"}"#);
    let ran = desk.feed(CHECK, UNTIDY);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.stderr,
        "note: `changed_files` is not a list of texts; write it in change.json\n"
    );
}

#[test]
fn whatever_the_input_is_there_is_a_verdict() {
    let desk = Desk::new();
    let cases: [(&[u8], &str); 4] = [
        (b"", "empty_input"),
        (b"{\"a\": \"\xff\"}", "not_utf8"),
        (b"Here you are: {}", "wrapped_in_text"),
        (b"{", "syntax"),
    ];
    for (input, reason) in cases {
        let ran = desk.feed(CHECK, input);
        assert_eq!((ran.code, ran.stderr.as_str()), (2, ""));
        let verdict = ran.verdict();
        assert_eq!(verdict["diagnostics"][0]["code"], "invalid_json");
        assert_eq!(verdict["diagnostics"][0]["reason"], reason);
    }
}

#[test]
fn what_a_contract_says_is_written_as_the_library_says_it() {
    let desk = Desk::new();
    let contract = Contract::from_json(REVIEW).unwrap();
    let written = |what| {
        desk.run(&format!("contract {what} --contract review.json"))
            .data()
    };
    assert_eq!(written("schema"), contract.json_schema_text());
    assert_eq!(written("docs"), contract.page());
    assert_eq!(written("prompt"), contract.prompt_fields());
}

#[test]
fn a_contract_with_a_check_is_told_of_and_not_read_by() {
    let desk = Desk::new();
    desk.file(
        "checked.json",
        r#"{"name": "checked", "root": {"type": "object", "rules": [{"rule": {"check": "sums_up"}}]}}"#,
    );
    let page = desk.run("contract docs --contract checked.json").data();
    assert!(
        page.contains("`sums_up` holds, a check of the program"),
        "{page}"
    );
    let ran = desk.feed("contract check --contract checked.json", "{}");
    let wanted = "it wants the check `sums_up`, which only a program has that registers it";
    assert!(ran.error(65).contains(wanted), "{ran:?}");
}
