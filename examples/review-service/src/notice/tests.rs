use super::*;

fn mails() -> Mails {
    let settings = "from = 'Reviews <reviews@example.org>'";
    Mails::new(&toml::from_str(settings).unwrap()).unwrap()
}

fn told() -> Told<'static> {
    Told {
        changelist: 4711,
        version: 2,
        author: "mlind",
        dropped: 0,
        cut: false,
    }
}

fn review(findings: &serde_json::Value, summary: &str) -> Review {
    serde_json::from_value(serde_json::json!({
        "schema_version": "1.0", "prompt_version": "1.0.0", "findings": findings, "summary": summary,
    }))
    .unwrap()
}

fn finding(title: &str, message: &str) -> serde_json::Value {
    serde_json::json!({
        "id": "1", "severity": "high", "category": "security", "title": title,
        "file": "//depot/shop/src/db.rs", "line": 17, "end_line": 19, "message": message,
        "suggestion": "let id = escape(id);\nquery(id)",
    })
}

#[test]
fn it_reads_well() {
    let findings = serde_json::json!([
        finding("SQL from outside", "The id is\nnot escaped."),
        finding("Another", "x")
    ]);
    let told = Told {
        dropped: 2,
        cut: true,
        ..told()
    };
    let letter = mails()
        .letter(&told, &review(&findings, "It escapes nothing."))
        .unwrap();
    insta::assert_snapshot!(format!(
        "{}\n\n{}\n────────\n{}",
        letter.subject, letter.text, letter.html
    ));
}

#[test]
fn nothing_found_is_told_as_well() {
    let letter = mails()
        .letter(&told(), &review(&serde_json::json!([]), ""))
        .unwrap();
    assert_eq!(letter.subject, "Review of change 4711: nothing found");
    assert!(
        letter.text.contains("Nothing was found.") && letter.html.contains("Nothing was found.")
    );
    assert!(!letter.text.contains("could not be used") && !letter.text.contains("model's words"));
}

#[test]
fn nothing_that_others_wrote_is_markup_or_looks_like_ours() {
    let hostile = "<script>alert(1)</script><a href='https://evil.example'>x</a>\u{1b}[2J\u{202e}\r\nBcc: all@example.org";
    let findings = serde_json::json!([finding(hostile, hostile)]);
    let told = Told {
        author: hostile,
        ..told()
    };
    let letter = mails().letter(&told, &review(&findings, hostile)).unwrap();
    assert_eq!(letter.subject, "Review of change 4711: 1 finding");
    for markup in ["<script", "<a ", "\u{1b}", "\u{202e}"] {
        assert!(!letter.html.contains(markup), "{markup:?}");
    }
    for unseen in ['\u{1b}', '\u{202e}'] {
        assert!(!letter.text.contains(unseen), "{unseen:?}");
    }
    let begins = |line: &str| line.starts_with("Bcc:");
    assert!(!letter.text.lines().any(begins), "{}", letter.text);
    let one = mails()
        .notification(4711, 2, "ada@example.org", &letter)
        .unwrap();
    let mail = String::from_utf8(one.message.bytes().to_vec()).unwrap();
    let head = mail.split("\r\n\r\n").next().unwrap();
    assert!(!head.contains("Bcc"), "{head}");
}

#[test]
fn a_mail_is_one_of_a_change_a_version_and_a_recipient() {
    let mails = mails();
    let letter = mails
        .letter(&told(), &review(&serde_json::json!([]), ""))
        .unwrap();
    let intent = |version, to| {
        mails
            .notification(4711, version, to, &letter)
            .unwrap()
            .intent
    };
    assert_eq!(intent(2, "a@x.org"), intent(2, "a@x.org"));
    assert_ne!(intent(2, "a@x.org"), intent(3, "a@x.org"));
    assert_ne!(intent(2, "a@x.org"), intent(2, "b@x.org"));
    assert!(
        mails
            .notification(4711, 2, "a@x.org", &letter)
            .unwrap()
            .required
    );
}

#[test]
fn a_review_that_is_too_long_for_a_mail_is_told_by_its_worst() {
    let many: Vec<_> = (0..3000)
        .map(|n| {
            let mut finding = finding(&format!("Finding {n}."), &"</>\n".repeat(500));
            finding["severity"] = serde_json::json!(if n == 2999 { "critical" } else { "low" });
            finding
        })
        .collect();
    let letter = mails()
        .letter(
            &told(),
            &review(&serde_json::json!(many), &"/".repeat(100_000)),
        )
        .unwrap();
    assert_eq!(letter.subject, "Review of change 4711: 3000 findings");
    assert!(letter.text.len() + letter.html.len() <= LONGEST);
    assert!(
        letter
            .text
            .contains("1. [critical, security] Finding 2999."),
        "{}",
        letter.text
    );
    assert!(
        letter
            .text
            .contains(" more of them are too many for a mail.")
    );
    let mail = mails()
        .notification(4711, 2, "ada@example.org", &letter)
        .unwrap();
    assert!(mail.message.bytes().len() < queue_core::DEFAULT_PAYLOAD_LIMIT);
    assert!(queue_core::Payload::json(&letter).is_ok());
}
