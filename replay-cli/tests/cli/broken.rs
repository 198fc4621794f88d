//! Files that are not there or not what they should be.

use super::{Desk, REVIEW};

/// What is said of a contract.
fn said_of(contract: &str) -> String {
    let desk = Desk::new();
    desk.file("broken.json", contract);
    let ran = desk.feed("contract check --contract broken.json", "{}");
    let error = ran.error(65).to_owned();
    for command in ["schema", "docs", "prompt"] {
        let ran = desk.run(&format!("contract {command} --contract broken.json"));
        assert_eq!(ran.error(65), error);
    }
    error
}

#[test]
fn what_is_no_json_is_said_with_its_place() {
    insta::assert_snapshot!(said_of("{\n  \"name\" \"x\"\n}"));
    insta::assert_snapshot!(said_of(""));
}

#[test]
fn a_key_that_nobody_knows_is_said_with_its_place() {
    insta::assert_snapshot!(said_of(&REVIEW.replacen("\"depth\"", "\"dept\"", 1)));
    insta::assert_snapshot!(said_of(&REVIEW.replacen("\"min\": 1", "\"mins\": 1", 1)));
}

#[test]
fn all_contradictions_are_said() {
    let contract = r#"{"name": "odd", "root": {"type": "object", "fields": [
        {"name": "n", "shape": {"type": "integer", "min": 5, "max": 4}},
        {"name": "m", "shape": {"type": "choice", "of": []}}
    ]}}"#;
    insta::assert_snapshot!(said_of(contract));
}

#[test]
fn what_is_not_utf8_is_no_contract() {
    let desk = Desk::new();
    desk.file("broken.json", b"{\"name\": \"\xff\"}");
    let ran = desk.run("contract docs --contract broken.json");
    assert_eq!(
        ran.error(65),
        "error: broken.json is not UTF-8 at byte 10; write JSON in UTF-8\n"
    );
}

#[test]
fn a_context_is_an_object() {
    let desk = Desk::new();
    for (context, why) in [
        ("[\"src/a.rs\"]", "it is a list"),
        ("17", "it is a scalar"),
        ("{", "EOF while parsing an object at line 1 column 1"),
    ] {
        desk.file("context.json", context);
        let ran = desk.feed(
            "contract check --contract review.json --context context.json",
            "{}",
        );
        let wanted = format!(
            "error: context.json is no context: {why}; write a JSON object, such as {{\"changed_files\": [\"src/a.rs\"]}}\n"
        );
        assert_eq!(ran.error(65), wanted);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let desk = Desk::new();
    for line in [
        "contract check --contract nowhere.json",
        "contract check --contract review.json --context nowhere.json",
        "contract check --contract review.json nowhere.json",
        "contract schema --contract nowhere.json",
    ] {
        let ran = desk.run(line);
        assert!(
            ran.error(66)
                .starts_with("error: nowhere.json cannot be read: "),
            "{ran:?}"
        );
    }
    let ran = desk.run("contract check --contract review.json .");
    assert!(
        ran.error(66).starts_with("error: . cannot be read: "),
        "{ran:?}"
    );
}
