//! Runbooks: all of one shape, all of them tried out, all of them found from the alerts and back.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a panic is how a test reports"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use drills::{Block, Drill, Page, Step};

const HEADINGS: [&str; 4] = ["Symptom", "Checks", "Actions", "It worked when"];
const BEGIN: &str = "<!-- runbooks -->\n";
const END: &str = "<!-- end of runbooks -->";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn pages() -> Vec<Page> {
    let read = |name: &String| Page::read(name).unwrap_or_else(|error| panic!("{error}"));
    Page::names().iter().map(read).collect()
}

/// Each alert and the page that it leads to.
fn alerts() -> BTreeMap<String, String> {
    let rules = root().join("packaging/prometheus/leasehold.rules.yml");
    let rules = fs::read_to_string(rules).unwrap();
    let alerts = rules.split("- alert: ").skip(1).map(|text| {
        let name = text.lines().next().unwrap();
        let (_, link) = text.split_once("runbook_url: ").unwrap();
        (name.to_owned(), link.lines().next().unwrap().to_owned())
    });
    alerts.collect()
}

/// What stands below a heading, up to the next one of its level.
fn section<'a>(page: &'a Page, heading: &str) -> &'a str {
    let (_, text) = page.text.split_once(&format!("\n## {heading}\n")).unwrap();
    text.split("\n## ").next().unwrap()
}

/// Words of a text that begin like that and go on in these characters.
fn words(text: &str, begin: &str, goes_on: impl Fn(char) -> bool) -> BTreeSet<String> {
    let found = text.match_indices(begin).map(|(at, _)| {
        let rest = &text[at + begin.len()..];
        let rest = rest.split(|it| !goes_on(it)).next().unwrap();
        format!("{begin}{rest}")
    });
    found.collect()
}

fn named_alerts(text: &str) -> BTreeSet<String> {
    words(text, "`Leasehold", |it| it.is_ascii_alphabetic())
        .into_iter()
        .map(|name| name.trim_start_matches('`').to_owned())
        .collect()
}

#[test]
fn each_page_has_a_drill_and_each_drill_a_page() {
    let drills = Drill::ALL.map(|drill| drill.name);
    assert_eq!(Page::names(), drills);
}

#[test]
fn each_page_has_the_headings_in_their_order() {
    for page in pages() {
        let found: Vec<&str> = page
            .text
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .filter(|heading| HEADINGS.contains(heading))
            .collect();
        assert_eq!(found, HEADINGS, "{}", page.name);
        assert!(page.text.starts_with("# "), "{}", page.name);
        // How it is known is more than a sentence.
        let worked = section(&page, "It worked when");
        assert!(worked.contains("```sh"), "{}", page.name);
    }
}

#[test]
fn each_alert_has_a_page_that_names_it() {
    for (alert, link) in alerts() {
        let path = root().join(&link);
        assert!(path.is_file(), "{alert} leads to {link}");
        let page = Page::read(path.file_stem().unwrap().to_str().unwrap()).unwrap();
        let named = named_alerts(section(&page, "Symptom"));
        assert!(named.contains(&alert), "{link} does not name {alert}");
    }
}

#[test]
fn pages_name_alerts_and_metrics_that_there_are() {
    let alerts = alerts();
    let metrics: BTreeSet<&str> = sweeper::METRICS.iter().map(|metric| metric.name).collect();
    for page in pages() {
        let symptom = named_alerts(section(&page, "Symptom"));
        for alert in named_alerts(&page.text) {
            assert!(alerts.contains_key(&alert), "{}: {alert}", page.name);
        }
        assert!(!symptom.is_empty(), "{} is found by no alert", page.name);
        let measured = words(&page.text, "leasehold_", |it| {
            it.is_ascii_lowercase() || it == '_'
        });
        for metric in &measured {
            assert!(metrics.contains(metric.as_str()), "{}: {metric}", page.name);
        }
    }
}

/// Comments are seen by nobody who reads the page: which database a block is for stands before it, or above it.
#[test]
fn blocks_for_one_database_say_so() {
    for page in pages() {
        let lines: Vec<&str> = page.text.lines().map(str::trim).collect();
        for (number, line) in lines.iter().enumerate() {
            let word = match *line {
                "<!-- on: sqlite -->" => "SQLite",
                "<!-- on: postgres -->" => "Postgres",
                _ => continue,
            };
            let is_prose = |line: &&&str| !line.is_empty() && !line.starts_with("<!--");
            let before = lines[..number].iter().rev();
            // The paragraph right before it, and the heading.
            let said: Vec<&str> = before
                .clone()
                .skip_while(|line| !is_prose(line))
                .take_while(|line| is_prose(line))
                .chain(before.clone().find(|line| line.starts_with('#')))
                .copied()
                .collect();
            assert!(
                said.join(" ").contains(word),
                "{}.md:{}: say for readers that this is for {word}: {said:?}",
                page.name,
                number + 1
            );
        }
    }
}

/// That what is not run stays rare is the book's to hold, for all pages.
#[test]
fn much_is_run() {
    let of = |step: &Step| match &step.block {
        Block::Commands(commands) => commands.len(),
        _ => 0,
    };
    let run: usize = pages()
        .iter()
        .flat_map(|page| page.steps.iter().map(of).collect::<Vec<_>>())
        .sum();
    assert!(run > 150, "{run}");
}

/// `LEASEHOLD_UPDATE=1` writes it.
#[test]
fn the_list_of_runbooks_is_what_there_is() {
    let mut table = String::from(
        "| runbook | alerts that lead to it | that it may be behind |\n|---|---|---|\n",
    );
    let alerts = alerts();
    let quoted = |names: Vec<&String>| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    for page in pages() {
        let title = page.text.lines().next().unwrap().trim_start_matches("# ");
        let own = format!("/{}.md", page.name);
        let named = named_alerts(section(&page, "Symptom"));
        let (leading, behind): (Vec<_>, Vec<_>) =
            named.iter().partition(|&name| alerts[name].ends_with(&own));
        let (leading, behind) = (quoted(leading), quoted(behind));
        writeln!(
            table,
            "| [{title}]({}.md) | {leading} | {behind} |",
            page.name
        )
        .unwrap();
    }
    let path = Page::folder().join("README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (there, after) = rest.split_once(END).unwrap();
    if std::env::var_os("LEASEHOLD_UPDATE").is_some() {
        fs::write(path, format!("{before}{BEGIN}\n{table}\n{END}{after}")).unwrap();
    } else {
        assert_eq!(there.trim(), table.trim(), "write it by LEASEHOLD_UPDATE=1");
    }
}
