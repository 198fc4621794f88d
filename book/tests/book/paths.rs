//! Files that pages name are there, also where they name several at once: `queue-*/src/sql/*.sql`, `src/{a,b}.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use book::repository;

use crate::pages;

/// What is made only when something runs.
const MADE: [&str; 2] = ["target/", "demo/"];

/// One alternative of each `{…}`.
fn expanded(text: &str) -> Vec<String> {
    let Some((before, rest)) = text.split_once('{') else {
        return vec![text.to_owned()];
    };
    let Some((choices, after)) = rest.split_once('}') else {
        return vec![text.to_owned()];
    };
    let each = choices
        .split(',')
        .map(|choice| format!("{before}{choice}{after}"));
    each.flat_map(|text| expanded(&text)).collect()
}

/// Whether a name is what a pattern with `*` says.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|left| {
            let ends = left.char_indices().map(|(at, _)| at).chain([left.len()]);
            ends.into_iter().any(|at| fits(rest, &left[at..]))
        }),
    }
}

/// Whether there is something that a path with `*` says.
fn is_there(folder: &Path, path: &str) -> bool {
    let (part, rest) = path.split_once('/').unwrap_or((path, ""));
    if part.is_empty() {
        return true;
    }
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    entries.map(Result::unwrap).any(|entry| {
        fits(part, &entry.file_name().to_string_lossy()) && is_there(&entry.path(), rest)
    })
}

/// Whether a piece of code is a path of this repository: it begins with one of its folders.
fn is_a_path(code: &str, folders: &BTreeSet<String>) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "/-_.*{},".contains(letter);
    let first = code.split('/').next().unwrap_or_default();
    code.contains('/')
        && code.chars().all(plain)
        && folders.iter().any(|folder| fits(first, folder))
}

pub(crate) fn folders() -> BTreeSet<String> {
    let entries = fs::read_dir(repository::root())
        .unwrap()
        .map(Result::unwrap);
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let names = folders.map(|folder| folder.file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.starts_with('.')).collect()
}

/// The files that some code names and that there are not.
pub(crate) fn missing(code: &str) -> Vec<String> {
    missing_in(&repository::root(), code)
}

fn missing_in(folder: &Path, code: &str) -> Vec<String> {
    let paths = expanded(code).into_iter();
    paths.filter(|path| !is_there(folder, path)).collect()
}

#[test]
fn files_that_pages_name_are_there() {
    let folders = folders();
    let mut looked_at = 0;
    let mut gone = Vec::new();
    for page in pages() {
        let path = page.path.to_str().unwrap();
        if path == "CHANGELOG.md" || path.starts_with("docs/adr/") {
            continue; // what was so then
        }
        for (line, code) in page.inline_code() {
            if !is_a_path(&code, &folders) || MADE.iter().any(|made| code.starts_with(made)) {
                continue;
            }
            looked_at += 1;
            // A page of a folder may speak of its own files.
            let beside = repository::root().join(page.path.parent().unwrap());
            let files = missing(&code).into_iter();
            let files = files.filter(|file| !missing_in(&beside, file).is_empty());
            gone.extend(files.map(|file| format!("{path}:{line}: {file}")));
        }
    }
    assert!(gone.is_empty(), "these are not there:\n{}", gone.join("\n"));
    assert!(looked_at > 100, "only {looked_at} files are named");
}

#[test]
fn several_at_once_are_each_looked_for() {
    assert!(missing("queue-*/src/{lib,store}.rs").is_empty());
    assert_eq!(missing("book/src/{lib,gone}.rs"), ["book/src/gone.rs"]);
    assert_eq!(missing("queue-*/src/sql/*.gone").len(), 1);
}
