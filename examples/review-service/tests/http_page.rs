//! What is said of the way in, held to the files that answer.
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use axum::http::StatusCode;

const README: &str = include_str!("../README.md");
/// Given by the server before any of our code is asked: what it has no place for.
const OF_THE_SERVER: u16 = 431;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

fn code(folder: &str) -> String {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
        &mut files,
    );
    files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect()
}

/// What stands between two marks, each time.
fn between<'a>(text: &'a str, start: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(start)
        .skip(1)
        .filter_map(move |rest| rest.split_once(end).map(|(found, _)| found))
}

/// The rows of the table of answers: statuses, and codes of problems.
fn rows() -> Vec<(u16, BTreeSet<&'static str>)> {
    let (_, table) = README.split_once("| answer | `code` | when |\n").unwrap();
    let lines = table.lines().skip(1).take_while(|line| !line.is_empty());
    let row = |line: &'static str| {
        let mut cells = line.split('|').skip(1).map(str::trim);
        let status = cells.next().unwrap().parse().unwrap();
        let codes = cells.next().unwrap().split('`').skip(1).step_by(2);
        (status, codes.collect())
    };
    lines.map(row).collect()
}

#[test]
fn the_table_has_every_status_and_no_other() {
    let all = (100..600).filter_map(|number| StatusCode::from_u16(number).ok());
    let text = code("src/ingest");
    let mut given: BTreeSet<u16> = all
        .filter(|status| {
            let name = status.canonical_reason().unwrap_or_default();
            let name = name.to_uppercase().replace(' ', "_");
            !name.is_empty() && text.contains(&format!("StatusCode::{name}"))
        })
        .map(|status| status.as_u16())
        .collect();
    assert!(given.len() > 10, "{given:?}");
    given.insert(OF_THE_SERVER);
    let said: BTreeSet<u16> = rows().into_iter().map(|(status, _)| status).collect();
    assert_eq!(said, given);
}

#[test]
fn the_table_has_every_code_of_the_services_own() {
    let text = code("src/ingest");
    // The second argument, where it is a word of its own.
    let own: BTreeSet<&str> = text
        .split("Problem::own(")
        .skip(1)
        .filter_map(|call| call.split(',').nth(1)?.trim().strip_prefix('"'))
        .map(|code| code.trim_end_matches('"'))
        .collect();
    assert!(own.len() > 8, "{own:?}");
    let said: BTreeSet<&str> = rows().into_iter().flat_map(|(_, codes)| codes).collect();
    let untold: Vec<_> = own.difference(&said).collect();
    assert!(untold.is_empty(), "the README does not tell of {untold:?}");
    let all = code("src");
    let made_up: Vec<_> = said
        .iter()
        .filter(|code| !all.contains(&format!("\"{code}\"")) && !in_the_catalogue(code))
        .collect();
    assert!(made_up.is_empty(), "nothing answers with {made_up:?}");
}

fn in_the_catalogue(code: &str) -> bool {
    code.parse::<queue_core::Code>().is_ok()
}

#[test]
fn every_address_is_told_of() {
    let text = code("src/ingest");
    let routes: Vec<_> = between(&text, ".route(\"", "\"").collect();
    assert!(routes.len() >= 4, "{routes:?}");
    let untold: Vec<_> = routes
        .iter()
        .filter(|route| !README.contains(&format!("{route}`")))
        .collect();
    assert!(untold.is_empty(), "the README does not tell of {untold:?}");
}

#[test]
fn the_table_of_numbers_has_what_is_counted() {
    let text = code("src");
    let calls = [
        "counter!(\"",
        "gauge!(\"",
        "histogram!(\"",
        "const IN_FLIGHT: &str = \"",
    ];
    let counted: BTreeSet<&str> = calls
        .iter()
        .flat_map(|call| between(&text, call, "\""))
        .filter(|name| name.starts_with("review_"))
        .collect();
    let (_, table) = README.split_once("| number | |\n").unwrap();
    let lines = table.lines().take_while(|line| line.starts_with('|'));
    // Names with their labels: `review_answers_total{edition,outcome}`.
    let said = lines.flat_map(|line| line.split('`').skip(1).step_by(2));
    let names = said.map(|code| code.split('{').next().unwrap_or_default());
    let mut said: BTreeSet<&str> = names.filter(|name| name.starts_with("review_")).collect();
    // Told of in the sentence before.
    said.extend(counted.iter().filter(|name| {
        name.starts_with("review_artifacts_") && README.contains(&format!("`{name}`"))
    }));
    assert_eq!(said, counted);
}
