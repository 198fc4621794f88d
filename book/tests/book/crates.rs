//! The picture and the table of crates, written from what cargo knows.

use std::fmt::Write as _;
use std::fs;

use book::repository;
use fixtures::examples::{compare, compare_part};

use crate::page;
use crate::workspace::WORKSPACE;

const PAGE: &str = "ARCHITECTURE.md";

/// What is shipped, from below: each is built on those of earlier layers only, and on nothing else that is here.
const LAYERS: [&[(&str, &str)]; 4] = [
    &[(
        "queue-core",
        "jobs, decisions, worker, deliverer, contracts, ports",
    )],
    &[
        ("queue-sqlite", "the ports on SQLite: verbs in SQL"),
        ("queue-postgres", "the ports on Postgres: verbs in SQL"),
    ],
    &[(
        "queue-ops",
        "a store by its URL, configuration, logs, exit codes",
    )],
    &[
        ("replay-cli", "the command leasehold"),
        ("sweeper", "the daemon leasehold-sweeper"),
    ],
];

fn shipped() -> impl Iterator<Item = (usize, &'static str, &'static str)> {
    let layers = LAYERS.iter().enumerate();
    layers.flat_map(|(depth, layer)| layer.iter().map(move |(name, what)| (depth, *name, *what)))
}

fn depth(name: &str) -> Option<usize> {
    shipped().find_map(|(depth, one, _)| (one == name).then_some(depth))
}

#[test]
fn the_picture_is_what_is_built_on_what() {
    let mut text = String::from("flowchart TD\n    %% Written from Cargo.toml.\n");
    for (_, name, what) in shipped().collect::<Vec<_>>().into_iter().rev() {
        writeln!(text, "    {name}[\"{name}<br/>{what}\"]").unwrap();
    }
    for (_, name, _) in shipped().collect::<Vec<_>>().into_iter().rev() {
        for below in WORKSPACE.package(name).unwrap().built_on() {
            writeln!(text, "    {name} --> {below}").unwrap();
        }
    }
    compare(PAGE, "crates", &text);
}

#[test]
fn what_is_shipped_is_built_on_what_lies_below() {
    for (above, name, _) in shipped() {
        for below in WORKSPACE.package(name).unwrap().built_on() {
            let is_below = depth(below).is_some_and(|below| below < above);
            assert!(
                is_below,
                "{name} is built on {below}, which does not lie below it"
            );
        }
    }
}

#[test]
fn the_table_has_the_others() {
    let others = WORKSPACE
        .packages
        .iter()
        .filter(|package| depth(&package.name).is_none());
    let mut rows: Vec<_> = others
        .map(|package| {
            let listed = |crates: Vec<&str>| {
                let names: Vec<_> = crates.iter().map(|name| format!("`{name}`")).collect();
                names.join(", ")
            };
            let on = listed(package.built_on().into_iter().collect());
            let tests = listed(package.tested_with().into_iter().collect());
            let what = package.description.as_deref().unwrap_or_default();
            format!("| `{}` | {what} | {on} | {tests} |\n", package.name)
        })
        .collect();
    rows.sort();
    let table = format!(
        "| | | built on | only its tests, on |\n|---|---|---|---|\n{}",
        rows.concat()
    );
    compare_part(PAGE, "other crates", &table);
}

/// Where one of them says that nothing is released, and the crates may be published, somebody was forgotten.
#[test]
fn pages_say_whether_there_is_a_release() {
    let workspace = fs::read_to_string(repository::root().join("Cargo.toml")).unwrap();
    let is_released = !workspace.contains("\npublish = false\n");
    for (path, words) in [
        ("README.md", "Before its first release"),
        ("README.md", "nothing is on crates.io yet"),
        ("CHANGELOG.md", "Nothing has been released yet."),
        ("docs/start.md", "Leasehold is on no registry yet"),
    ] {
        let is_said = page(path).text.contains(words);
        assert_eq!(is_said, !is_released, "{path}: {words}");
    }
}

/// What only benchmarks are made of.
const OF_BENCHMARKS: [&str; 2] = ["guard", "peer-protocol"];

/// Each other crate is on the first page.
#[test]
fn the_first_page_has_the_crates() {
    let readme = page("README.md").text;
    let (_, table) = readme.split_once("\n## Status\n").unwrap();
    for package in &WORKSPACE.packages {
        let name = &package.name;
        let is_listed = table.contains(&format!("\n| `{name}` | "));
        assert!(
            is_listed || OF_BENCHMARKS.contains(&name.as_str()),
            "{name}"
        );
    }
}
