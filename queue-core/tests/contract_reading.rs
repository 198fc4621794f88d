//! What reading by a contract got wrong once.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use queue_core::contract::{Contract, Field, Integer, Object, ReadContext, Rule, Shape, Text};

fn contract(root: impl Into<Shape>) -> Contract {
    Contract::of("test", root).build().unwrap()
}

#[test]
fn a_broken_rule_shows_no_value_of_a_sensitive_field() {
    let account = Object::of([
        Field::required("owner", Text::new()).sensitive(),
        Field::required("least", Integer::new()),
        Field::required("balance", Integer::new()).sensitive(),
    ])
    .rule(Rule::among("owner", "owners"))
    .rule(Rule::not_less("balance", "least"));
    let context = ReadContext::new().list("owners", ["ada"]);
    let verdict = contract(account).read(
        r#"{"owner": "mallory", "least": 10, "balance": 7171}"#,
        &context,
    );
    let said = serde_json::to_string(verdict.diagnostics()).unwrap();
    assert!(said.contains("[redacted]"), "{said}");
    assert!(!said.contains("mallory") && !said.contains("7171"), "{said}");
}
