//! What reading by a contract got wrong once.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use queue_core::Code;
use queue_core::contract::{
    Choice, Contract, Field, Integer, Limits, List, Object, ReadContext, Rule, Shape, SummaryCodes,
    Text, Unknown, VersionPolicy, Versions,
};

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
    assert!(
        !said.contains("mallory") && !said.contains("7171"),
        "{said}"
    );
}

#[test]
fn a_code_that_has_not_the_reason_is_refused_when_the_contract_is_built() {
    let line = Integer::new().at_least(1).code(Code::NotInContext);
    let error = Contract::of("test", line).build().unwrap_err().to_string();
    assert!(
        error.contains("`not_in_context` has no reason `out_of_range`"),
        "{error}"
    );

    let summary = SummaryCodes {
        item: Code::SchemaMismatch,
        all_items: Code::InvalidJson,
        document: Code::DocumentRejected,
    };
    let odd = Contract::of("test", Text::new()).summary(summary).build();
    let error = odd.unwrap_err().to_string();
    assert!(
        error.contains("`schema_mismatch` does not stand for other problems"),
        "{error}"
    );
    assert!(
        error.contains("`invalid_json` has no reason `nothing_left`"),
        "{error}"
    );
}

#[test]
fn what_only_left_something_out_of_an_item_is_not_the_reason_that_it_was_dropped() {
    let tag = Object::of([Field::required("name", Text::new())]);
    let item = Object::of([
        Field::optional("tags", List::of(tag).drop_bad_items()),
        Field::required("level", Choice::of(["high", "low"])),
    ])
    .unknown(Unknown::Drop);
    let verdict = contract(List::of(item).drop_bad_items()).read(
        r#"[{"extra": 1, "tags": [{}], "level": "middle"}]"#,
        &ReadContext::new(),
    );
    let mut dropped = verdict.diagnostics().iter();
    let dropped = dropped.find(|diagnostic| diagnostic.path == "/0").unwrap();
    assert_eq!(dropped.reason, "invalid_enum_value");
}

#[test]
fn a_choice_of_nothing_is_a_choice_and_blanks_are_none() {
    let level = |of: [&str; 2]| {
        let choice = Choice::of(of).trimmed();
        contract(Object::of([Field::required("level", choice)]))
    };
    let context = ReadContext::new();
    let offered = level(["", "high"]).read(r#"{"level": ""}"#, &context);
    assert!(offered.is_accepted());
    let blank = level(["low", "high"]).read(r#"{"level": " \t"}"#, &context);
    let first = blank.diagnostics().first().unwrap();
    assert_eq!(
        (first.code, &*first.reason),
        (Code::MissingRequiredField, "blank")
    );
}

#[test]
fn integers_are_alike_by_what_they_are_and_not_by_how_they_are_written() {
    let item = Object::of([Field::required("id", Integer::new().or_digits())]);
    let list = contract(List::of(item).unique_by("id").drop_bad_items());
    for twice in [
        r#"[{"id": 0}, {"id": -0}]"#,
        r#"[{"id": 7}, {"id": "007"}]"#,
    ] {
        let verdict = list.read(twice, &ReadContext::new());
        assert_eq!(verdict.items().kept, 1, "{twice}");
    }
}

#[test]
fn what_is_printed_for_people_shows_no_values_and_no_control_characters() {
    let token = Object::of([Field::required("token", Text::new()).sensitive()]);
    let verdict = contract(token).read(r#"{"token": "canary"}"#, &ReadContext::new());
    assert!(!format!("{verdict:?}").contains("canary"));
    // The type wants something else than the contract.
    #[derive(Debug, serde::Deserialize)]
    struct Other {
        #[expect(dead_code, reason = "it cannot be read")]
        token: u32,
    }
    let error = verdict.parse::<Other>().unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("expected u32 at line 1 column 18"),
        "{error}"
    );

    let key = r#"{"token": "x", "\u001b[31mred\nline": 1}"#;
    let token = Object::of([Field::required("token", Text::new())]);
    let rejection = contract(token)
        .read(key, &ReadContext::new())
        .rejection()
        .unwrap();
    let said = rejection.to_string();
    assert!(
        !said.contains(char::is_control) && said.contains("red"),
        "{said:?}"
    );
}

#[test]
fn a_document_of_which_there_is_too_much_to_say_is_refused_as_a_whole() {
    let list = List::of(Integer::new().or_digits()).drop_bad_items();
    let limits = Limits {
        diagnostics: 4,
        ..Limits::default()
    };
    let contract = Contract::of("test", list).limits(limits).build().unwrap();
    let read = |document: &'static str| contract.read(document, &ReadContext::new());
    assert!(read(r#"["1", "2", "3", "4"]"#).is_accepted());
    let verdict = read(r#"["1", "2", "3", "4", "5"]"#);
    let codes: Vec<_> = verdict.diagnostics().iter().map(|one| one.code).collect();
    assert_eq!(codes, [Code::LimitExceeded, Code::DocumentRejected]);
    assert!(read("[true, true, 1]").is_accepted());
    assert!(!read("[true, true, true, 1]").is_accepted());
}

#[test]
fn a_version_that_another_entry_takes_is_no_entry_of_its_own() {
    let accepting = |versions: [(&str, VersionPolicy); 2]| {
        let versions = versions
            .into_iter()
            .fold(Versions::major_minor(), |all, (version, policy)| {
                all.accept(version.parse().unwrap(), policy)
            });
        let root = Object::of([Field::required("version", versions)]);
        Contract::of("test", root).build()
    };
    let wide = ("1.0", VersionPolicy::MinorCompatible);
    let narrow = ("1.4", VersionPolicy::Exact);
    assert!(accepting([narrow, wide]).is_ok());
    let error = accepting([wide, narrow]).unwrap_err();
    assert!(error.to_string().contains("accepts 1.4 twice"), "{error}");
    assert!(accepting([narrow, narrow]).is_err());
}

#[test]
fn each_fault_of_a_text_and_of_a_list_is_told() {
    let pattern = "^[A-Z]".parse().unwrap();
    let text = Text::new().min_chars(3).pattern(pattern);
    let list = contract(List::of(text).max_items(1));
    let verdict = list.read(r#"["a", 7]"#, &ReadContext::new());
    let reasons = verdict.diagnostics().iter().map(|one| one.reason.as_ref());
    assert_eq!(
        reasons.collect::<Vec<_>>(),
        [
            "too_many_items",
            "too_short",
            "pattern_mismatch",
            "wrong_type",
            "schema_mismatch"
        ]
    );
}

#[test]
fn rules_that_leave_nothing_to_decide_are_refused() {
    let fields = || {
        [
            Field::required("low", Integer::new().at_most(3)),
            Field::required("high", Integer::new().at_least(5)),
            Field::optional("kind", Choice::of(["a", "b"])),
        ]
    };
    for rule in [
        Rule::at_most_one_of(["low", "high"]),
        Rule::not_less("low", "high"),
        Rule::required_when("low", "kind", "c"),
    ] {
        let error = Contract::of("test", Object::of(fields()).rule(rule))
            .build()
            .unwrap_err();
        assert!(error.to_string().contains("can never hold"), "{error}");
    }
    let fine = Object::of(fields()).rule(Rule::not_less("high", "low"));
    assert!(Contract::of("test", fine).build().is_ok());
}
