//! Which paths an allow-list lets through, which not and why, and which lists are none.

#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use review_service::allow_list::{AllowList, DenialCode as Code, Difference};

fn list() -> AllowList {
    AllowList::new([
        "//depot/app/...",
        "//depot/lib",
        "//depot/shared/docs/readme.md",
        "//depot/Straße/...",
        "//games/a b/...",
        "//depot/odd%40name/...",
    ])
    .unwrap()
}

const PERMITTED: &[&str] = &[
    "//depot/app/main.rs",
    "//depot/app/src/deep/er/still/main.rs",
    "//depot/app/with space.rs",
    "//depot/app/a.b.c",
    "//depot/app/..hidden",
    "//depot/app/hidden..",
    "//depot/app/.gitignore",
    "//depot/app/a..b/c",
    "//depot/app/icon%402x.png",
    "//depot/app/C%23/x.cs",
    "//depot/app/100%25/x",
    "//depot/app/a%2Ab",
    "//depot/app/$(rm -rf ~)",
    "//depot/app/;reboot",
    "//depot/app/'quoted'",
    "//depot/app/-du",
    "//depot/app/größe.rs",
    "//depot/app/日本語/ファイル.txt",
    "//depot/app/😀.txt",
    "//depot/app/app/app",
    "//depot/lib",
    "//depot/lib/x",
    "//depot/shared/docs/readme.md",
    "//depot/Straße/x",
    "//games/a b/c",
    "//depot/odd%40name/x",
];

const DENIED: &[(&str, Code)] = &[
    // Prefix look-alikes.
    ("//depot/application/main.rs", Code::OutsideAllowList),
    ("//depot/app", Code::OutsideAllowList),
    ("//depot/ap", Code::OutsideAllowList),
    ("//depot/app-old/main.rs", Code::OutsideAllowList),
    ("//depot/app.bak/main.rs", Code::OutsideAllowList),
    ("//depot/app main.rs", Code::OutsideAllowList),
    ("//depot/App/main.rs", Code::OutsideAllowList),
    ("//DEPOT/app/main.rs", Code::OutsideAllowList),
    ("//depot2/app/main.rs", Code::OutsideAllowList),
    ("//depot/library/x", Code::OutsideAllowList),
    ("//depot/lib2", Code::OutsideAllowList),
    ("//depot/shared/docs/readme.md.bak", Code::OutsideAllowList),
    ("//depot/shared/docs", Code::OutsideAllowList),
    ("//depot/x//depot/app/main.rs", Code::EmptySegment),
    ("//depot/x/depot/app/main.rs", Code::OutsideAllowList),
    ("//games/a/b/c", Code::OutsideAllowList),
    ("//games/a  b/c", Code::OutsideAllowList),
    // No path of a depot.
    ("", Code::NotADepotPath),
    ("/", Code::NotADepotPath),
    ("/depot/app/main.rs", Code::NotADepotPath),
    ("depot/app/main.rs", Code::NotADepotPath),
    (" //depot/app/main.rs", Code::NotADepotPath),
    ("/etc/passwd", Code::NotADepotPath),
    ("C:\\depot\\app", Code::NotADepotPath),
    ("file:////depot/app/x", Code::NotADepotPath),
    ("-//depot/app/x", Code::NotADepotPath),
    ("\u{ff0f}\u{ff0f}depot/app/x", Code::NotADepotPath),
    ("//", Code::EmptySegment),
    ("///depot/app/x", Code::EmptySegment),
    ("//depot//app/x", Code::EmptySegment),
    ("//depot/app/", Code::EmptySegment),
    ("//depot/app//x", Code::EmptySegment),
    // Traversal.
    ("//depot/app/../secret/x", Code::DotSegment),
    ("//depot/app/x/..", Code::DotSegment),
    ("//depot/app/./x", Code::DotSegment),
    ("//../depot/app/x", Code::DotSegment),
    ("//depot/app/.. /secret", Code::DotSegment),
    ("//depot/app/. ./secret", Code::DotSegment),
    ("//depot/app/ /secret", Code::DotSegment),
    ("//depot/app/\u{ff0e}\u{ff0e}/secret", Code::DotSegment),
    ("//depot/app/\u{2025}/secret", Code::DotSegment),
    ("//depot/app/\u{2024}\u{2024}/secret", Code::DotSegment),
    ("//depot/app\\..\\secret", Code::Backslash),
    ("//depot/app/..\\..\\secret", Code::Backslash),
    // Encodings.
    ("//depot/app/%2e%2e/secret", Code::Encoding),
    ("//depot/app/%2E%2E%2Fsecret", Code::Encoding),
    ("//depot/app%2fx", Code::Encoding),
    ("//depot/app/%252e%252e/secret", Code::Encoding),
    ("//depot/app/%c0%ae%c0%ae/secret", Code::Encoding),
    ("//depot/app/%u002e/secret", Code::Encoding),
    ("//depot/app/%00", Code::Encoding),
    ("//depot/app/100%", Code::Encoding),
    ("//depot/app/%2a", Code::Encoding),
    ("//depot/app/%%1", Code::Encoding),
    ("//depot/app/%ä", Code::Encoding),
    // Wildcards and revisions.
    ("//depot/app/...", Code::Wildcard),
    ("//...", Code::Wildcard),
    ("//depot/.../main.rs", Code::Wildcard),
    ("//depot/app...", Code::Wildcard),
    ("//depot/app/....", Code::Wildcard),
    ("//depot/app/*", Code::Wildcard),
    ("//depot/*/main.rs", Code::Wildcard),
    ("//depot/app/main.rs#3", Code::RevisionSpecifier),
    ("//depot/app/main.rs@4711", Code::RevisionSpecifier),
    ("//depot/app/main.rs#head,@now", Code::RevisionSpecifier),
    // Unicode and what nobody sees.
    ("//depot/Strasse/x", Code::OutsideAllowList),
    ("//depot/STRASSE/x", Code::OutsideAllowList),
    ("//depot/Stra\u{1e9e}e/x", Code::OutsideAllowList),
    ("//depot/\u{430}pp/x", Code::OutsideAllowList),
    ("//depot/\u{ff41}pp/x", Code::OutsideAllowList),
    ("//depot/app\u{301}/x", Code::OutsideAllowList),
    ("//depot/app\u{2215}x", Code::OutsideAllowList),
    ("//depot/app\u{a0}/x", Code::OutsideAllowList),
    ("//depot/app/x\0", Code::ControlCharacter),
    ("//depot/app/\u{0}/../x", Code::ControlCharacter),
    ("//depot/app/x\n", Code::ControlCharacter),
    ("//depot/app/x\r\nSubject: hello", Code::ControlCharacter),
    ("//depot/app/\u{1b}[2J", Code::ControlCharacter),
    ("//depot/app/\u{7f}", Code::ControlCharacter),
    ("//depot/app/\u{85}x", Code::ControlCharacter),
    ("//depot/app\u{200b}/x", Code::ControlCharacter),
    ("//depot/app/\u{202e}sr.niam", Code::ControlCharacter),
    ("\u{feff}//depot/app/x", Code::ControlCharacter),
    ("//depot/app/.\u{200d}./x", Code::ControlCharacter),
];

#[test]
fn each_path_is_let_through_or_denied_with_its_reason() {
    assert!(PERMITTED.len() + DENIED.len() >= 60);
    let list = list();
    for path in PERMITTED {
        assert!(list.permits(path).is_ok(), "{path:?} is denied");
    }
    for (path, code) in DENIED {
        let denied = list.permits(path).expect_err(path);
        assert_eq!(denied.code(), *code, "{path:?}");
    }
}

#[test]
fn what_is_said_of_a_denied_path_is_escaped_and_bounded() {
    let list = list();
    for (path, _) in DENIED {
        let said = list.permits(path).expect_err(path).to_string();
        assert!(!said.chars().any(char::is_control), "{said:?}");
        assert!(
            !said.contains('\u{202e}') && !said.contains('\u{200b}'),
            "{said:?}"
        );
    }
    let long = list
        .permits(&format!("//depot/{}", "x".repeat(5000)))
        .unwrap_err();
    assert_eq!(long.code(), Code::TooLong);
    assert!(long.to_string().len() < 400, "{long}");
    insta::assert_snapshot!(
        list.permits("//depot/x\u{1b}[2J").unwrap_err(),
        @r"`//depot/x\u{1b}[2J` is denied (path_with_control_character): it has a control character or an invisible one"
    );
}

const BAD_ENTRIES: &[(&str, &str)] = &[
    ("", "is empty"),
    ("//...", "allows every depot"),
    ("//", "allows every depot"),
    ("...", "does not start with //"),
    ("/depot/app/...", "does not start with //"),
    ("depot/app/...", "does not start with //"),
    (" //depot/app/...", "does not start with //"),
    ("//depot/app/... ", "has a wildcard before its end"),
    ("//depot/app ", "ends with a space"),
    ("//.../app", "has a wildcard before its end"),
    ("//depot/.../app/...", "has a wildcard before its end"),
    ("//depot/app...", "has a wildcard before its end"),
    ("//depot/app/....", "has a wildcard before its end"),
    ("//depot/app/.../...", "has a wildcard before its end"),
    ("//depot/*/...", "has a wildcard before its end"),
    ("//depot/../app/...", "has a `.` or `..` segment"),
    ("//depot/./app/...", "has a `.` or `..` segment"),
    ("//depot//app/...", "has an empty segment"),
    ("//depot/app/", "has an empty segment"),
    ("///...", "has an empty segment"),
    ("//depot/app\n/...", "has a control character"),
    ("//depot/app\0/...", "has a control character"),
    ("//depot/\u{200b}app/...", "has a control character"),
    ("//depot\\app/...", "has a backslash"),
    ("//depot/app/...@4711", "has a wildcard before its end"),
    ("//depot/app#4", "has an `@` or `#`"),
    ("//depot/%2e%2e/...", "has a `%`"),
];

#[test]
fn a_bad_list_is_refused_with_all_its_faults() {
    for (entry, problem) in BAD_ENTRIES {
        let invalid = AllowList::new(["//depot/good/...", entry]).expect_err(entry);
        let [fault] = invalid.faults() else {
            panic!("{entry:?}: {invalid}");
        };
        assert_eq!(fault.number, Some(2));
        assert!(
            fault.problem.starts_with(problem),
            "{entry:?}: {}",
            fault.problem
        );
        assert!(
            fault.problem.contains(';'),
            "says what to write: {}",
            fault.problem
        );
        assert!(!invalid.to_string().chars().any(char::is_control));
    }
    let all = AllowList::new(BAD_ENTRIES.iter().map(|(entry, _)| entry)).unwrap_err();
    assert_eq!(all.faults().len(), BAD_ENTRIES.len());
    insta::assert_snapshot!(
        AllowList::new(["//...", "//depot/ok/...", "depot\n"]).unwrap_err(),
        @r"the allow-list is not valid: entry 1, `//...`, allows every depot; name at least one, like //depot/...; entry 3, `depot\n`, has a control character or an invisible one; write the path without it"
    );
    insta::assert_snapshot!(
        AllowList::new::<&str>([]).unwrap_err(),
        @"the allow-list is not valid: the list is empty; write at least one prefix, like //depot/project/..."
    );
}

#[test]
fn a_list_is_the_same_in_any_order_and_tells_what_changed() {
    let one = AllowList::new(["//b/...", "//a/...", "//b/..."]).unwrap();
    let other = AllowList::new(["//a/...", "//b/..."]).unwrap();
    assert_eq!(one.digest(), other.digest());
    assert_eq!(one.entries().collect::<Vec<_>>(), ["//a/...", "//b/..."]);
    let third = AllowList::new(["//b/...", "//c/..."]).unwrap();
    assert_ne!(third.digest(), one.digest());

    let before: Vec<String> = one.entries().map(str::to_owned).collect();
    let difference = third.difference(&before);
    assert_eq!(
        difference,
        Difference {
            added: vec!["//c/...".into()],
            removed: vec!["//a/...".into()]
        }
    );
    assert!(other.difference(&before).is_empty());
    assert_eq!(third.difference(&[]).added, ["//b/...", "//c/..."]);
}
