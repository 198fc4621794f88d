//! Every block of code is run, read or compared; what is not says why.

use std::fs;
use std::path::Path;

use book::block::{Block, Note};
use book::page::Page;
use book::repository;

use crate::pages;

/// Runbooks are carried out by the drills, which make the incident first and refuse what they do not know; each has
/// one (`drills/tests/pages.rs`). Here the help of their commands is asked, and what is not run is counted.
pub(crate) fn is_drilled(path: &str) -> bool {
    let runbook = path.strip_prefix("docs/runbooks/");
    runbook.is_some_and(|name| name != "README.md")
}

/// Written from the catalogue, whose tests give each example to what reads it.
pub(crate) const GENERATED: &str = "docs/reference/reason-codes.md";

/// What says why it is not run, at most. A page that needs more is one that nothing holds to the truth.
const MOST_NOT_RUN: usize = 27;

fn problem(block: &Block) -> Option<&'static str> {
    use Note::{EndsWith, File, MadeBy, NotRun, On, PartOf, Prints, ReadBy, UntilItPrints, Usage};
    if matches!(block.note, Some(NotRun(_))) {
        return None;
    }
    let note = &block.note;
    let fits = match block.language() {
        "sh" => matches!(note, None | Some(Usage | EndsWith(_) | UntilItPrints)),
        "rust" if block.info.contains("ignore") => matches!(note, Some(PartOf(_) | File(_))),
        "rust" => note.is_none(),
        "sql" => matches!(note, Some(On(_))),
        "toml" => matches!(note, Some(ReadBy(_) | File(_))),
        "json" => matches!(note, None | Some(File(_) | MadeBy(_) | PartOf(_) | Prints)),
        "yaml" => matches!(note, Some(File(_) | ReadBy(_))),
        "python" => note.is_none(),
        // Diagrams, what programs print, and what stands in files of no language.
        "text" => matches!(note, None | Some(MadeBy(_) | Prints | PartOf(_))),
        "mermaid" => matches!(note, None | Some(MadeBy(_))),
        _ => {
            return Some(
                "its language is none of sh, rust, sql, toml, json, yaml, python, text, mermaid",
            );
        }
    };
    if !fits {
        return Some(
            "nothing runs or reads it: say by a comment before it what it is, or why it is not run",
        );
    }
    if block.language() == "text" && note.is_none() {
        let command = |line: &str| {
            let line = line.trim_start_matches("$ ");
            ["leasehold ", "cargo ", "curl "]
                .iter()
                .any(|start| line.starts_with(start))
        };
        if block.text.lines().any(command) {
            return Some("commands are sh");
        }
    }
    None
}

/// Whether what a reason names is there, in the repository or beside its page, and calls what the block has called.
fn is_held(reason: &str, block: &Block, beside: &Path) -> Result<(), String> {
    let mut texts = Vec::new();
    for word in reason.split([' ', ',', ';']) {
        if !word.contains('/') {
            continue;
        }
        let places = [repository::root(), beside.to_owned()].map(|folder| folder.join(word));
        match places.iter().find(|place| place.exists()) {
            Some(place) => texts.push(text_of(place)),
            None => return Err(format!("{word} is not there")),
        }
    }
    if texts.is_empty() {
        return Ok(());
    }
    let called = called(&block.text).into_iter();
    let mut gone = called.filter(|name| {
        let quoted = format!("\"{name}\"");
        !texts.iter().any(|text| text.contains(&quoted))
    });
    gone.next()
        .map_or(Ok(()), |name| Err(format!("{reason}: not with {name:?}")))
}

/// A file, or all files of a folder.
fn text_of(place: &Path) -> String {
    if place.is_file() {
        return fs::read_to_string(place).unwrap();
    }
    let files = fs::read_dir(place).unwrap();
    let files = files.map(|file| file.unwrap().path());
    let files = files.filter(|path| path.is_file());
    files
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

/// The examples that cargo runs, and the first words that programs get from it.
fn called(commands: &str) -> Vec<&str> {
    let mut names = Vec::new();
    for line in commands.lines().filter(|line| line.contains("cargo ")) {
        for before in ["--example ", " -- "] {
            let after = line.split_once(before).map(|(_, rest)| rest);
            let name = after.and_then(|rest| rest.split_whitespace().next());
            names.extend(name.filter(|name| !name.starts_with('-')));
        }
    }
    names
}

#[test]
fn what_a_reason_names_is_held_to_it() {
    let block = |text: &str| Block {
        line: 1,
        info: "sh".to_owned(),
        note: None,
        text: text.to_owned(),
    };
    let root = repository::root();
    let service = root.join("examples/review-service");
    let served = block("cargo run --bin review-service -- serve --config review.toml\n");
    assert_eq!(
        is_held("tests/end_to_end does it", &served, &service),
        Ok(())
    );
    assert!(is_held("tests/end_to_end does it", &served, &root).is_err());
    let unknown = block("cargo run --bin review-service -- no-such-verb\n");
    assert!(is_held("tests/end_to_end does it", &unknown, &service).is_err());
    assert_eq!(is_held("it takes hours", &unknown, &root), Ok(()));
}

#[test]
fn every_block_is_run_or_says_why_not() {
    let mut problems = Vec::new();
    let mut not_run = Vec::new();
    for page in pages() {
        let path = page.path.to_str().unwrap().to_owned();
        if path == GENERATED {
            continue;
        }
        match page.blocks() {
            Err(error) => problems.push(error),
            Ok(blocks) => {
                for block in blocks {
                    let problem = problem(&block).filter(|_| !is_drilled(&path));
                    if let Some(problem) = problem {
                        problems.push(format!("{path}:{}: {problem}", block.line));
                    }
                    if let Some(Note::NotRun(reason)) = &block.note {
                        let beside = repository::root().join(page.path.parent().unwrap());
                        if let Err(problem) = is_held(reason, &block, &beside) {
                            problems.push(format!("{path}:{}: {problem}", block.line));
                        }
                        not_run.push(format!("{path}:{}: {reason}", block.line));
                    }
                }
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    println!("not run:\n{}", not_run.join("\n"));
    assert!(
        not_run.len() <= MOST_NOT_RUN,
        "{} blocks are not run:\n{}",
        not_run.len(),
        not_run.join("\n")
    );
}

#[test]
fn a_block_that_nothing_runs_is_a_failure() {
    let page = |text: &str| Page {
        path: "page.md".into(),
        text: text.to_owned(),
    };
    for bad in [
        "```\nx\n```\n",
        "```ruby\nx\n```\n",
        "```sql\nSELECT 1\n```\n",
        "```rust,ignore\nx\n```\n",
        "```text\nleasehold stats\n```\n",
    ] {
        let page = page(bad);
        let blocks = page.blocks().unwrap();
        assert!(problem(&blocks[0]).is_some(), "{bad}");
    }
}
