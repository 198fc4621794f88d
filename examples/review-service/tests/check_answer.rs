//! `review-service check-answer`, as prompt authors call it.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const ANSWER: &str = include_str!("../fixtures/answers/messy/good-and-bad.json");
const FILES: &str = "//depot/orders/src/cache/store.rs\n\n  //depot/orders/src/cache/evict.rs\r\n";

fn check(files: &Path, answer: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_review-service"))
        .args(["check-answer", "--changed-files"])
        .arg(files)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who has read enough closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(answer);
    child.wait_with_output().unwrap()
}

fn with(files: impl AsRef<[u8]>, answer: impl AsRef<[u8]>) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("files.txt");
    std::fs::write(&path, files).unwrap();
    let output = check(&path, answer.as_ref());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (said, error) = (text(output.stdout), text(output.stderr));
    (
        output.status.code(),
        said,
        error.replace(path.to_str().unwrap(), "files.txt"),
    )
}

fn answer(text: &str) -> String {
    text.replace("@schema@", "1.0")
        .replace("@prompt@", "1.0.0")
        .replace("@file@", "//depot/orders/src/cache/store.rs")
        .replace("@last@", "//depot/orders/src/cache/evict.rs")
}

#[test]
fn an_answer_that_is_accepted_in_part_ends_with_0() {
    let (code, said, error) = with(FILES, answer(ANSWER));
    assert_eq!((code, error.as_str()), (Some(0), ""));
    insta::assert_snapshot!("accepted", said);
}

#[test]
fn one_that_is_rejected_ends_with_2_and_all_that_is_wrong() {
    let (code, said, error) = with(
        FILES,
        r#"{"schema_version": "2.0", "findings": {}, "extra": 1}"#,
    );
    assert_eq!((code, error.as_str()), (Some(2), ""));
    insta::assert_snapshot!("rejected", said);
}

#[test]
fn every_diagnostic_has_code_reason_path_and_action() {
    let (_, said, _) = with(FILES, answer(ANSWER));
    let said: Value = serde_json::from_str(&said).unwrap();
    let diagnostics = said["diagnostics"].as_array().unwrap();
    assert!(diagnostics.len() > 5);
    for diagnostic in diagnostics {
        for member in ["code", "reason", "path", "action"] {
            assert!(diagnostic[member].is_string(), "{diagnostic}");
        }
    }
}

#[test]
fn what_is_no_list_of_files_ends_with_65_and_says_what_to_write() {
    for (files, says) in [
        (&b""[..], "files.txt names no file"),
        (b" \n\n", "files.txt names no file"),
        (b"[\"src/a.rs\"]", "files.txt looks like JSON"),
        (b"\xff\xfe", "files.txt is not UTF-8"),
    ] {
        let (code, said, error) = with(files, "{}");
        assert_eq!((code, said.as_str()), (Some(65), ""));
        let wanted = format!(
            "review-service: {says}: write one path per line, as in //depot/app/src/main.rs\n"
        );
        assert_eq!(error, wanted);
    }
}

#[test]
fn a_list_that_is_not_there_ends_with_66() {
    let output = check(Path::new("/no/such/list"), b"{}");
    assert_eq!(output.status.code(), Some(66));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.starts_with("review-service: /no/such/list cannot be read: "),
        "{error}"
    );
}

#[test]
fn hostile_answers_are_rejected_in_a_few_words() {
    let head = r#"{"schema_version": "1.0", "prompt_version": "1.0.0", "findings": "#;
    let huge = format!(
        r#"{head}[], "summary": "{}"}}"#,
        "x".repeat(10 * 1024 * 1024)
    );
    let deep = format!("{head}{}", "[".repeat(200_000));
    let wide = format!("{head}[{}]}}", ["1"; 200_000].join(","));
    for hostile in [huge, deep, wide] {
        let (code, said, error) = with(FILES, &hostile);
        assert_eq!((code, error.as_str()), (Some(2), ""), "{said}");
        assert!(said.len() < 4000, "{}", said.len());
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["findings"], Value::Array(Vec::new()));
    }
}
