//! The catalogue is in order, its page is the newest, and it keeps what releases have promised.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use queue_core::catalogue::{Example, Released, Stage, Status, compare, page, to_json};
use queue_core::{Code, ErrorClass};

fn reference() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference")
}

fn is_version(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    parts.len() == 3 && parts.iter().all(|part| part.parse::<u32>().is_ok())
}

fn is_snake_case(text: &str) -> bool {
    text.split('_').all(|word| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    })
}

/// A sentence: it begins with a capital letter, or with code, and ends with a full stop.
fn is_sentence(text: &str) -> bool {
    text.starts_with(|c: char| c.is_uppercase() || c == '`') && text.ends_with('.')
}

#[test]
fn codes_are_unique_and_of_one_of_two_forms() {
    let names: BTreeSet<_> = Code::all().iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), Code::all().len());
    for name in names {
        let upper = name.to_ascii_uppercase() == name;
        assert!(is_snake_case(&name.to_ascii_lowercase()), "{name}");
        assert!(upper || is_snake_case(name), "{name} mixes cases");
        assert!(
            !upper || ErrorClass::new(name).is_ok(),
            "{name} is no class"
        );
    }
}

#[test]
fn short_names_are_unique_among_themselves() {
    let shorts: Vec<_> = Code::all().iter().filter_map(|c| c.entry().short).collect();
    assert_eq!(shorts.iter().collect::<BTreeSet<_>>().len(), shorts.len());
    for code in Code::all() {
        if let Some(short) = code.entry().short {
            assert_eq!(
                code.as_str(),
                format!("STORE_{}", short.to_ascii_uppercase())
            );
        }
    }
}

#[test]
fn every_entry_says_what_it_must() {
    for code in Code::all() {
        let entry = code.entry();
        assert_eq!(entry.code, *code);
        assert!(is_version(entry.since), "{code}: {}", entry.since);
        assert!(is_sentence(entry.meaning), "{code}: {}", entry.meaning);
        assert!(is_sentence(entry.remedy), "{code}: {}", entry.remedy);
        match entry.example {
            Example::Reads(document) => {
                assert!(!document.is_empty(), "{code}");
                assert_eq!(entry.stage, Stage::Contract, "{code}");
            }
            Example::Happens(what) => assert!(is_sentence(what), "{code}: {what}"),
            other => panic!("{code}: {other:?}"),
        }
        if let Status::Retired { since, instead } = entry.status {
            assert!(is_version(since), "{code}: {since}");
            assert_ne!(instead, Some(*code));
        }
    }
}

#[test]
fn reasons_and_parameters_have_names_of_their_own_and_say_something() {
    for code in Code::all() {
        let entry = code.entry();
        let reasons: BTreeSet<_> = entry.reasons.iter().map(|reason| reason.name).collect();
        assert_eq!(reasons.len(), entry.reasons.len(), "{code}");
        assert!(!entry.summary || reasons.is_empty(), "{code}");
        let parameters: BTreeSet<_> = entry.parameters.iter().map(|p| p.name).collect();
        assert_eq!(parameters.len(), entry.parameters.len(), "{code}");
        assert!(
            parameters.union(&reasons).all(|name| is_snake_case(name)),
            "{code}"
        );
        for reason in entry.reasons {
            assert!(is_sentence(reason.meaning), "{code} {}", reason.name);
            assert!(code.permits(reason.name));
        }
        for parameter in entry.parameters {
            assert!(is_sentence(parameter.meaning), "{code} {}", parameter.name);
        }
    }
}

#[test]
fn the_page_is_the_newest() {
    let path = reference().join("reason-codes.md");
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page(),
        "{} is not what the catalogue says: run `cargo xtask docs`",
        path.display()
    );
}

#[test]
fn the_catalogue_is_written_as_json() {
    let entries: Vec<serde_json::Value> = serde_json::from_str(&to_json()).unwrap();
    assert_eq!(entries.len(), Code::all().len());
    assert_eq!(entries[0]["status"], "active");
    assert!(entries[0]["example"]["reads"].is_string());
}

#[test]
fn what_releases_have_promised_is_kept() {
    let mut releases = 0;
    for file in fs::read_dir(reference().join("releases")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let version = name
            .strip_prefix("reason-codes-")
            .and_then(|rest| rest.strip_suffix(".json"));
        assert!(version.is_some_and(is_version), "{name} is no release");
        let released: Released = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert!(!released.codes.is_empty(), "{name} promises nothing");
        let breaches: Vec<_> = compare(&released).iter().map(ToString::to_string).collect();
        assert!(breaches.is_empty(), "{name}:\n{}", breaches.join("\n"));
        releases += 1;
    }
    assert!(releases > 0, "no release was compared");
}
