//! `leasehold explain`.

use queue_core::Code;
use serde_json::Value;

use super::Desk;

fn explained(line: &str) -> String {
    Desk::new().run(&format!("explain {line}")).data()
}

#[test]
fn a_code_is_explained() {
    insta::assert_snapshot!(explained("HANDLER_PANIC"));
    insta::assert_snapshot!(explained("invalid_line_range"));
}

#[test]
fn a_store_error_is_found_by_its_short_name() {
    assert_eq!(explained("busy"), explained("STORE_BUSY"));
}

#[test]
fn all_that_a_word_can_mean_is_explained() {
    insta::assert_snapshot!(explained("refused"));
    let both = explained("schema_mismatch");
    assert!(
        both.starts_with("`schema_mismatch` can mean 2 things.\n"),
        "{both}"
    );
    assert!(both.contains("\nschema_mismatch\n") && both.contains("\nSTORE_SCHEMA_MISMATCH\n"));
}

#[test]
fn a_finer_reason_is_found() {
    insta::assert_snapshot!(explained("too_deep"));
}

#[test]
fn all_codes_are_listed_by_where_they_arise() {
    let list = explained("--all");
    assert!(
        list.starts_with("Documents and their contracts\n  invalid_json  "),
        "{list}"
    );
    for code in Code::all() {
        let line = format!("\n  {code} ");
        assert!(list.contains(&line), "{code}");
    }
}

#[test]
fn json_is_of_one_form() {
    let all: Value = serde_json::from_str(&explained("--all --json")).unwrap();
    assert_eq!(all["codes"].as_array().unwrap().len(), Code::all().len());
    let refused: Value = serde_json::from_str(&explained("refused --json")).unwrap();
    assert_eq!(refused["codes"].as_array().unwrap().len(), 2);
    assert_eq!(refused["reasons"][0]["code"], "not_in_context");
    assert_eq!(refused["reasons"][0]["name"], "refused");
    assert!(explained("refused --json --pretty").lines().count() > 10);
}

#[test]
fn an_unknown_code_names_the_nearest() {
    let ran = Desk::new().run("explain handler_panics");
    assert_eq!(
        ran.error(64),
        "error: there is no code `handler_panics`; the nearest is `HANDLER_PANIC`; \
         `leasehold explain --all` lists them\n"
    );
}

/// A class that a handler raises is no code, and no code is near it.
#[test]
fn a_class_of_a_handler_is_told_to_be_one() {
    let ran = Desk::new().run("explain AUTH_DENIED");
    assert_eq!(
        ran.error(64),
        "error: there is no code `AUTH_DENIED`; `leasehold explain --all` lists them. A class of errors that a handler \
         raises is none: what it means is for the service to say; `leasehold dead groups` has those of dead letters\n"
    );
    let ran = Desk::new().run("explain *");
    assert_eq!(
        ran.error(64),
        "error: there is no code `*`; `leasehold explain --all` lists them\n"
    );
}

#[test]
fn every_name_in_the_catalogue_can_be_explained() {
    let desk = Desk::new();
    for code in Code::all() {
        let text = desk.run(&format!("explain {code}")).data();
        assert!(text.contains(code.entry().remedy), "{text}");
    }
}
