//! What is taken out of a text, what is left, and what holds of every text.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test reports"
)]

use std::sync::LazyLock;

use proptest::prelude::*;
use review_service::redaction::{Class, RedactionPolicy, Redactor};

const TABLE: &str = include_str!("redaction/cases.txt");
static CASES: LazyLock<Vec<Case>> = LazyLock::new(cases);

fn redactor() -> Redactor {
    Redactor::new(RedactionPolicy {
        emails: true,
        internal_hosts: vec!["corp.example.com".into(), ".Internal".into()],
    })
    .unwrap()
}

/// A line of the table.
#[derive(Debug)]
struct Case {
    number: usize,
    class: Class,
    sort: &'static str,
    text: String,
    wanted: String,
}

fn class(name: &str) -> Class {
    let mut all = Class::ALL.into_iter();
    all.find(|class| class.as_str() == name)
        .unwrap_or_else(|| panic!("{name} is no class"))
}

impl Case {
    fn new(number: usize, class: Class, sort: &'static str, line: &str) -> Self {
        let line = line.replace('¦', "").replace('⏎', "\n");
        let (mut text, mut wanted) = (String::new(), String::new());
        let mut parts = line.split(['«', '»']);
        text.push_str(parts.next().unwrap());
        wanted.push_str(&text);
        while let Some(taken) = parts.next() {
            let (class, taken) = match taken.split_once('|') {
                Some((name, taken)) => (self::class(name), taken),
                None => (class, taken),
            };
            text.push_str(taken);
            if !taken.is_empty() {
                wanted.push_str(class.placeholder());
            }
            let stays = parts.next().unwrap_or_default();
            text.push_str(stays);
            wanted.push_str(stays);
        }
        Self {
            number,
            class,
            sort,
            text,
            wanted,
        }
    }
}

fn cases() -> Vec<Case> {
    let (mut at, mut sort) = (None, None);
    let mut cases = Vec::new();
    for (number, line) in TABLE
        .lines()
        .enumerate()
        .skip_while(|(_, line)| !line.starts_with("##"))
    {
        if let Some(name) = line.strip_prefix("### ") {
            sort = Some(name);
        } else if let Some(name) = line.strip_prefix("## ") {
            at = Some(class(name));
        } else if !line.is_empty() {
            cases.push(Case::new(number + 1, at.unwrap(), sort.unwrap(), line));
        }
    }
    cases
}

#[test]
fn the_table_has_each_class_in_each_respect() {
    let cases = &*CASES;
    assert!(cases.len() >= 150, "{}", cases.len());
    for class in Class::ALL {
        for sort in ["positive", "negative", "boundary", "regression"] {
            let has = |case: &Case| case.class == class && case.sort == sort;
            assert!(cases.iter().any(has), "no {sort} case of {class}");
        }
    }
    for case in cases {
        match case.sort {
            "positive" => assert_ne!(case.text, case.wanted, "line {}", case.number),
            "negative" => assert_eq!(case.text, case.wanted, "line {}", case.number),
            _ => {}
        }
    }
}

#[test]
fn each_case_comes_out_as_the_table_says() {
    let redactor = redactor();
    let mut wrong = Vec::new();
    for case in &*CASES {
        let redacted = redactor.redact(&case.text).unwrap();
        if redacted.as_str() != case.wanted {
            wrong.push(format!(
                "line {}, {} {}\n  text   {:?}\n  wanted {:?}\n  got    {:?}",
                case.number,
                case.sort,
                case.class,
                case.text,
                case.wanted,
                redacted.as_str()
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} are wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn each_case_comes_out_the_same_wherever_it_stands() {
    let redactor = redactor();
    let frames = [
        ("let x = 1;\n", "\nlet y = 2;\n"),
        ("\r\n", "\r\n"),
        ("@@ -1 +1 @@\n", "\n\n"),
    ];
    for case in &*CASES {
        for (before, after) in frames {
            let text = format!("{before}{}{after}", case.text);
            let wanted = format!("{before}{}{after}", case.wanted);
            let redacted = redactor.redact(&text).unwrap();
            assert_eq!(redacted.as_str(), wanted, "line {}", case.number);
        }
    }
}

#[test]
fn all_cases_in_one_text_keep_their_lines() {
    let redactor = redactor();
    // Between a beginning and the next end everything is taken: half a key would take the cases after it.
    let whole =
        |case: &&Case| case.text.matches("BEGIN ").count() == case.text.matches("END ").count();
    let cases: Vec<&Case> = CASES.iter().filter(whole).collect();
    let of = |part: fn(&Case) -> &str| cases.iter().map(|case| part(case)).collect::<Vec<_>>();
    let text = of(|case| &case.text).join("\n;\n");
    let wanted = of(|case| &case.wanted).join("\n;\n");
    let redacted = redactor.redact(&text).unwrap();
    for (number, (text, wanted)) in redacted.as_str().lines().zip(wanted.lines()).enumerate() {
        assert_eq!(text, wanted, "line {number}");
    }
    assert_eq!(redacted.as_str().lines().count(), text.lines().count());
    assert!(redacted.counts().total() > 100);
    let found: Vec<Class> = redacted.counts().iter().map(|(class, _)| class).collect();
    assert_eq!(found, Class::ALL);
}

#[test]
fn a_policy_says_what_is_personal_and_internal() {
    let text = "ada@example.org at db.internal";
    let none = RedactionPolicy {
        emails: false,
        internal_hosts: Vec::new(),
    };
    let lenient = Redactor::new(none).unwrap();
    let redacted = lenient.redact(text).unwrap();
    assert_eq!(redacted.as_str(), text);
    assert_eq!(redacted.counts().total(), 0);
    assert_eq!(redacted.policy_digest(), lenient.policy_digest());
    assert_ne!(redacted.policy_digest(), redactor().policy_digest());
    let read: RedactionPolicy = toml::from_str("emails = false\ninternal_hosts = ['a.b']").unwrap();
    assert_eq!(
        read,
        RedactionPolicy {
            emails: false,
            internal_hosts: vec!["a.b".into()]
        }
    );
    assert!(toml::from_str::<RedactionPolicy>("email = false").is_err());
}

#[test]
fn the_digest_is_of_what_a_policy_means() {
    let digest = |hosts: &[&str]| {
        let internal_hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        let policy = RedactionPolicy {
            emails: true,
            internal_hosts,
        };
        Redactor::new(policy).unwrap().policy_digest().to_owned()
    };
    assert_eq!(digest(&["a.b", "c"]), digest(&["c", ".A.b.", "c"]));
    assert_ne!(digest(&["a.b"]), digest(&["a", "b"]));
}

#[test]
fn an_end_of_names_that_is_none_is_refused() {
    for host in [
        "", ".", "a b", "a..b", "*.corp", "host:80", "ä.de", "x\u{1b}",
    ] {
        let policy = RedactionPolicy {
            emails: true,
            internal_hosts: vec![host.into()],
        };
        let refused = Redactor::new(policy).unwrap_err().to_string();
        assert!(
            refused.contains("write it like corp.example.com"),
            "{refused}"
        );
        assert!(!refused.contains('\u{1b}'));
    }
}

/// What makes rules slow: beginnings without ends, ends without beginnings, and much of both.
const SLOW: &[&str] = &[
    "a",
    "/",
    "@",
    "a@",
    "://",
    "a://",
    "a://b:",
    "a://b:c/",
    "password=",
    "password=\"",
    "password='<",
    "password = \\\"",
    "token token ",
    "sk-",
    "eyJ",
    "eyJ.",
    "ghp_",
    "AKIA",
    "bearer ",
    "authorization=",
    "authorization: ",
    "-----BEGIN PRIVATE KEY-----\n",
    "-----END PRIVATE KEY-----\n",
    "PRIVATE KEY",
    "-----BEGIN RSA PRIVATE KEY-----",
    "a\n",
    "MIIEowIBAAKCAQEA\n",
    "xK9",
    "q8Zr2Lw5Nc7Vb1Xk",
    "a.",
    ".",
    "-",
    "\\",
    "\"",
    "'",
    "\\\"",
    "[REDACTED:known_key]",
    "[REDACTED:",
    "password=[REDACTED:known_key]",
    "--password ",
    "<password>",
    "a.internal",
    "password: a",
    "ä",
    "ä@",
    "\u{202e}",
    "\0",
    " ",
    "\t",
    "\r",
    "=",
];

#[test]
fn the_work_grows_with_the_length_and_no_faster() {
    let redactor = redactor();
    for piece in SLOW {
        let work = |bytes: usize| {
            let text = piece.repeat(bytes / piece.len());
            let redacted = redactor
                .redact(&text)
                .unwrap_or_else(|error| panic!("{piece:?}: {error}"));
            redacted.work() as f64 / text.len() as f64
        };
        let (short, long) = (work(8_000), work(128_000));
        assert!(
            long < short * 1.1 + 1.0,
            "{piece:?}: {short} steps a byte, then {long}"
        );
    }
}

proptest! {
    #[test]
    fn any_text_keeps_its_lines_and_is_redacted_once_for_all(
        pieces in proptest::collection::vec(
            prop_oneof![
                proptest::sample::select(SLOW.to_vec()).prop_map(str::to_owned),
                (0..CASES.len()).prop_map(|at| CASES[at].text.clone()),
                "\\PC{0,12}",
                "[a-zA-Z0-9+/=_.@:\"' \\n-]{0,40}",
            ],
            0..12,
        ),
    ) {
        let redactor = redactor();
        let text = pieces.concat();
        let once = redactor.redact(&text).unwrap();
        let twice = redactor.redact(once.as_str()).unwrap();
        prop_assert_eq!(once.as_str(), twice.as_str());
        prop_assert_eq!(twice.counts().total(), 0);
        prop_assert_eq!(once.as_str().matches('\n').count(), text.matches('\n').count());
    }

    #[test]
    fn a_key_is_found_wherever_it_stands(before in "\\PC{0,20}", after in "\\PC{0,20}") {
        let key = format!("ghp_{}", "16C7e42F292c6912E7710c838347Ae178B4a");
        let text = format!("{before} {key} {after}");
        let redacted = redactor().redact(&text).unwrap();
        prop_assert!(!redacted.as_str().contains(&key));
    }
}
