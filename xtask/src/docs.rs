//! `cargo xtask docs`: the pages that are written from the code.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use anyhow::{Context, Result, bail};

use crate::arguments::DocsOptions;
use crate::{step, workspace};

/// The version of a release: three numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version(String);

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<_> = text.split('.').collect();
        // Spelled in one way only: it becomes the name of a file.
        let is_number = |part: &&str| {
            part.parse::<u32>()
                .is_ok_and(|number| number.to_string() == **part)
        };
        if parts.len() == 3 && parts.iter().all(is_number) {
            Ok(Self(text.to_owned()))
        } else {
            Err("write three numbers, like 0.2.0".to_owned())
        }
    }
}

/// Tests that hold a page, a diagram, a table or a picture to the code, and write it anew when they are told to.
const WRITERS: [(&str, &[&str]); 6] = [
    (
        "queue-ops",
        &[
            "--lib",
            "--test",
            "configuration",
            "--test",
            "delivery_pages",
            "page",
        ],
    ),
    ("replay-cli", &["--lib", "page_of_commands"]),
    ("sweeper", &["--lib", "the_page_has"]),
    (
        "sweeper",
        &[
            "--test",
            "metrics",
            "--test",
            "packaging",
            "--test",
            "pictures",
            "the_page_is_the_table",
            "the_file_is_what",
            "every_panel",
        ],
    ),
    (
        "review-service",
        &["--test", "end_to_end", "the_page_shows"],
    ),
    ("book", &["--test", "book", "api::", "crates::", "states::"]),
];

/// What tells them.
const UPDATE: &str = "LEASEHOLD_UPDATE";

/// Writes the pages, and with them what a release promises.
pub(crate) fn run(options: &DocsOptions) -> Result<()> {
    let reference = workspace::root().join("docs/reference");
    let release = options
        .release
        .as_ref()
        .map(|version| release_path(&reference, version));
    // Before the page is written: who is refused finds everything as it was.
    if let Some(path) = &release
        && path.exists()
    {
        return refuse(path);
    }
    fs::create_dir_all(&reference)
        .with_context(|| format!("cannot make {}", reference.display()))?;
    let page = reference.join("reason-codes.md");
    fs::write(&page, catalogue(&[])?)
        .with_context(|| format!("cannot write {}", page.display()))?;
    println!("{}", page.display());
    if options.all {
        write_all()?;
    }
    if let Some(path) = release {
        keep(&path, &catalogue(&["--release"])?)?;
        println!("{}", path.display());
    }
    Ok(())
}

/// Everything else: for each package its tests that write.
fn write_all() -> Result<()> {
    // Pages ask the programs.
    let programs = ["build", "--package", "replay-cli", "--package", "sweeper"];
    step::finish("docs", workspace::cargo().args(programs))?;
    for (package, words) in WRITERS {
        step::finish("docs", &mut writer(package, words))?;
    }
    Ok(())
}

/// Words that are no options are names of tests, of which cargo itself takes one only.
fn writer(package: &str, words: &[&str]) -> Command {
    let mut cargo = workspace::cargo();
    cargo.env(UPDATE, "1").args(["test", "--package", package]);
    let mut names = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--lib" => {
                cargo.arg(word);
            }
            option if option.starts_with("--") => {
                cargo.arg(option).args(words.next());
            }
            name => names.push(name),
        }
    }
    cargo.arg("--").args(names);
    cargo
}

fn release_path(reference: &Path, Version(version): &Version) -> PathBuf {
    reference.join(format!("releases/reason-codes-{version}.json"))
}

/// Writes the file of a release, which must not be there yet.
fn keep(path: &Path, text: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(mut file) => file
            .write_all(text)
            .with_context(|| format!("cannot write {}", path.display())),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => refuse(path),
        Err(error) => Err(error).with_context(|| format!("cannot make {}", path.display())),
    }
}

fn refuse(path: &Path) -> Result<()> {
    bail!(
        "{} is there already: what a release has promised stays; give the version of the next one",
        path.display()
    )
}

/// What the catalogue says of itself, by an example of queue-core: we depend on no crate of the
/// workspace, so that we build where one of them does not.
fn catalogue(arguments: &[&str]) -> Result<Vec<u8>> {
    let mut example = workspace::cargo();
    example
        .args(["run", "--quiet", "--package", "queue-core"])
        .args(["--example", "reason_codes", "--"])
        .args(arguments);
    step::capture("docs", &mut example)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_three_numbers_spelled_in_one_way() {
        assert!("0.10.2".parse::<Version>().is_ok());
        for bad in [
            "", "1", "1.2", "1.2.3.4", "1.02.3", "v1.2.3", "1.2.x", "+1.2.3", "../1.2",
        ] {
            assert!(bad.parse::<Version>().is_err(), "{bad}");
        }
    }

    #[test]
    fn writers_are_tests_by_their_names() {
        let words: Vec<_> = writer("sweeper", &["--lib", "--test", "metrics", "one", "two"])
            .get_args()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let wanted = "test --package sweeper --lib --test metrics -- one two";
        assert_eq!(words.join(" "), wanted);
    }

    #[test]
    fn what_a_release_has_promised_is_not_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = release_path(dir.path(), &"0.1.0".parse().unwrap());
        keep(&path, b"first").unwrap();
        let error = keep(&path, b"second").unwrap_err().to_string();
        assert!(error.contains("is there already"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }
}
