//! The help of every command.

use queue_ops::Exit;

use super::Site;
use super::site::same;

const NOUNS: [(&str, &[&str]); 17] = [
    ("migrate", &["up", "down", "status"]),
    ("doctor", &[]),
    ("backup", &[]),
    ("stats", &[]),
    ("queue", &["list", "pause", "resume", "limits"]),
    ("job", &["list", "show", "cancel", "retry"]),
    (
        "dead",
        &[
            "list", "groups", "show", "evidence", "amend", "resolve", "discard",
        ],
    ),
    ("replay", &["plan", "show", "apply", "status"]),
    (
        "notification",
        &["list", "show", "retry", "redirect", "waive", "verdict"],
    ),
    ("suppression", &["list", "add", "remove"]),
    ("channel", &["list", "pause", "resume"]),
    ("schedule", &["list", "pause", "resume", "remove"]),
    ("retention", &["list", "set", "clear", "apply"]),
    (
        "audit",
        &[
            "list",
            "export",
            "archive",
            "verify",
            "checkpoint",
            "keygen",
        ],
    ),
    ("config", &["check"]),
    ("completions", &[]),
    ("man", &[]),
];

#[test]
fn every_command_tells_of_itself() {
    let site = Site::empty_sqlite();
    let codes = Exit::table();
    for (noun, verbs) in NOUNS {
        let lines = std::iter::once(noun.to_owned())
            .chain(verbs.iter().map(|verb| format!("{noun} {verb}")));
        let mut text = String::new();
        for line in lines {
            let help = site.desk.run(&format!("{line} --help")).data();
            assert!(help.contains(&codes), "{line}: {help}");
            // What stands in every one of them is looked at once.
            let (before, rest) = help.split_once("\nOptions everywhere:").unwrap();
            let after = rest.split_once("\nExample").map_or("", |(_, after)| after);
            let after = after.replace(&codes, "");
            text += &format!(
                "$ leasehold {line} --help\n{before}\nExample{}\n\n",
                after.trim_end()
            );
        }
        same(&format!("help-{noun}"), &text);
    }
    let all = site.desk.run("--help").data();
    for (noun, _) in NOUNS {
        assert!(all.contains(&format!("\n  {noun} ")), "{noun}: {all}");
    }
    same("help", &all);
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let site = Site::empty_sqlite();
    site.desk.run("man .").data();
    let page = |name: &str| std::fs::read_to_string(site.desk.0.path().join(name)).unwrap();
    assert!(page("leasehold.1").contains("leasehold"));
    for (noun, verbs) in NOUNS {
        page(&format!("leasehold-{noun}.1"));
        for verb in verbs {
            assert!(
                page(&format!("leasehold-{noun}-{verb}.1")).contains("Example"),
                "{verb}"
            );
        }
    }
    let ran = site.desk.run("man nowhere");
    assert!(
        ran.error(74)
            .starts_with("error: nowhere cannot be written to: "),
        "{ran:?}"
    );
}
