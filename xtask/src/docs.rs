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
const WRITERS: [(&str, &[&str]); 9] = [
    // First what others are made of: the schema.
    ("queue-sqlite", &["--test", "schema", "the_migrations_make"]),
    (
        "queue-postgres",
        &["--test", "schema", "the_migrations_make"],
    ),
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
            "the_page_has_the_numbers",
            "the_file_is_what",
            "every_panel",
        ],
    ),
    (
        "review-service",
        &["--test", "end_to_end", "the_page_shows"],
    ),
    ("drills", &["--test", "pages", "the_list_of_runbooks"]),
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

    /// Of each package and test file in which something is written, the words that name it.
    #[test]
    fn whatever_is_written_has_its_writer() {
        let mut found = 0;
        for file in sources(&workspace::root()) {
            let text = fs::read_to_string(workspace::root().join(&file)).unwrap();
            for test in writing_tests(&text) {
                found += 1;
                assert!(is_named(&file, &test), "{file}: {test} is no writer");
            }
        }
        assert!(found >= 15, "only {found} tests that write were found");
    }

    /// Every source but our own, which only speaks of it, and what the others call.
    fn sources(root: &Path) -> Vec<String> {
        let mut list = Command::new("git");
        list.args(["ls-files", "--", "*.rs"]).current_dir(root);
        let output = list.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let files = String::from_utf8(output.stdout).unwrap();
        let files = files.lines().map(str::to_owned);
        let is_other =
            |file: &String| !file.starts_with("xtask/") && file != "fixtures/src/examples.rs";
        files.filter(is_other).collect()
    }

    /// The tests of a file that ask for the variable, or compare as `fixtures::examples` does. What helps several of
    /// them stands before the first, and counts for none.
    fn writing_tests(text: &str) -> Vec<String> {
        let marks = [
            "var_os(\"LEASEHOLD_UPDATE\")",
            "compare(PAGE,\"",
            "compare_part(",
            "compare_page(",
        ];
        let tests = text
            .split("#[test]")
            .flat_map(|part| part.split("#[tokio::test"));
        let writing = tests.skip(1).filter(|test| {
            let on_one_line: String = test.split_whitespace().collect();
            marks.iter().any(|mark| on_one_line.contains(mark))
        });
        writing
            .map(|test| {
                let (_, rest) = test.split_once("fn ").unwrap();
                rest.split('(').next().unwrap().to_owned()
            })
            .collect()
    }

    fn is_named(file: &str, test: &str) -> bool {
        let (package, place) = match file.strip_prefix("examples/") {
            Some(rest) => rest.split_once('/').unwrap(),
            None => file.split_once('/').unwrap(),
        };
        let of_package = WRITERS.iter().filter(|(name, _)| *name == package);
        let mut words = of_package.map(|(_, words)| *words);
        words.any(|words| {
            let is_built = match place.strip_prefix("tests/") {
                None => words.contains(&"--lib"),
                Some(rest) => {
                    let binary = rest.split(['/', '.']).next().unwrap();
                    words.windows(2).any(|pair| pair == ["--test", binary])
                }
            };
            let module = Path::new(place).file_stem().unwrap().to_string_lossy();
            let path = format!("{module}::{test}");
            // What follows `--test` is no filter.
            let is_filter = |at: usize| at == 0 || words[at - 1] != "--test";
            let mut filters = words.iter().enumerate().filter(|(at, _)| is_filter(*at));
            is_built && filters.any(|(_, word)| path.contains(word))
        })
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
