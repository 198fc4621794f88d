//! Metrics that pages name are served. Those of the table of all metrics are compared where the table is, and those of
//! alerts and the dashboard where these are.

use book::page::Page;
use sweeper::{METRICS, MetricKind};

use crate::pages;

/// What begins with the same word: tables, views and functions of the schemas, and what only begins a name.
const SCHEMAS: [&str; 2] = [
    include_str!("../../../queue-sqlite/schema.sql"),
    include_str!("../../../queue-postgres/schema.sql"),
];
const BEGINS: &str = "leasehold_demo_";

fn is_served(name: &str) -> bool {
    METRICS.iter().any(|metric| {
        let rest = name.strip_prefix(metric.name);
        rest.is_some_and(|rest| {
            let of_histogram = ["_bucket", "_sum", "_count"].contains(&rest);
            rest.is_empty() || (of_histogram && metric.kind == MetricKind::Histogram)
        })
    })
}

/// The words of a text that begin so.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words = text.split(move |letter| !is_part(letter));
    words.filter(|word| word.starts_with("leasehold_") && word.len() > "leasehold_".len())
}

fn unserved(page: &Page) -> Vec<String> {
    let in_a_schema = |name: &str| {
        SCHEMAS
            .iter()
            .any(|schema| words(schema).any(|it| it == name))
    };
    let unknown =
        words(&page.text).filter(|name| !is_served(name) && !in_a_schema(name) && *name != BEGINS);
    unknown.map(str::to_owned).collect()
}

#[test]
fn metrics_that_pages_name_are_served() {
    let mut named = 0;
    let mut unknown = Vec::new();
    for page in pages() {
        let path = page.path.display().to_string();
        named += words(&page.text).filter(|name| is_served(name)).count();
        unknown.extend(unserved(&page).iter().map(|name| format!("{path}: {name}")));
    }
    assert!(
        unknown.is_empty(),
        "nothing serves these:\n{}",
        unknown.join("\n")
    );
    assert!(named > 60, "only {named} are named");
}

#[test]
fn one_that_nothing_serves_is_told() {
    let page = Page {
        path: "page.md".into(),
        text: "Look at `leasehold_queue_depht` and `leasehold_queue_depth{state=\"ready\"}`."
            .to_owned(),
    };
    assert_eq!(unserved(&page), ["leasehold_queue_depht"]);
}
