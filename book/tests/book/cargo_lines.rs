//! What pages have cargo do can be done: the crates, tests, examples, programs and commands of `xtask` that they name
//! are there.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::sync::{LazyLock, Mutex};

use book::repository;

use crate::pages;
use crate::workspace::WORKSPACE;

/// Those that pages say how to get, whether they are here or not.
const TO_GET: [&str; 2] = ["deny", "fuzz"];

/// What cargo lists: its own, what is installed besides, and the aliases of this repository.
static COMMANDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut list = Command::new(env!("CARGO"));
    let output = list.arg("--list").current_dir(repository::root()).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let names = text
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    names.chain(TO_GET).map(str::to_owned).collect()
});

/// The help of a command of `cargo xtask`, if there is one; asked once, since each time cargo looks at all that it
/// is built of.
fn xtask(name: &str) -> Option<String> {
    static HELP: Mutex<BTreeMap<String, Option<String>>> = Mutex::new(BTreeMap::new());
    let mut help = HELP.lock().unwrap();
    let known = help.entry(name.to_owned());
    known.or_insert_with(|| ask_xtask(name)).clone()
}

fn ask_xtask(name: &str) -> Option<String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["xtask", name, "--help"]);
    // What cargo says of this package is none of its business.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    let output = command.current_dir(repository::root()).output().unwrap();
    output
        .status
        .success()
        .then(|| String::from_utf8(output.stdout).unwrap())
}

/// What is wrong with a line that has cargo do something.
fn problem(line: &str) -> Option<String> {
    // Behind ` -- ` are the arguments of something else.
    let (line, _) = line.split_once(" -- ").unwrap_or((line, ""));
    let line = line.split(" #").next().unwrap_or_default();
    let mut words = line
        .split_whitespace()
        .skip_while(|word| *word != "cargo")
        .skip(1);
    let command = words.find(|word| !word.starts_with('-'))?;
    let words: Vec<&str> = words
        .take_while(|word| !"&|;".contains(*word) && *word != "&&")
        .collect();
    if command == "xtask" {
        return of_xtask(&words);
    }
    if !COMMANDS.contains(command) {
        return Some(format!("cargo has no `{command}`"));
    }
    let named = |long: &str, short: &str| -> Vec<&str> {
        let pairs = words.windows(2);
        let of_it = pairs.filter(|pair| pair[0] == long || pair[0] == short);
        of_it.map(|pair| pair[1]).collect()
    };
    let packages = named("--package", "-p");
    let unknown = packages
        .iter()
        .find(|name| WORKSPACE.package(name).is_none());
    if let Some(name) = unknown {
        return Some(format!("there is no crate `{name}`"));
    }
    for (option, kind) in [
        ("--test", "test"),
        ("--example", "example"),
        ("--bin", "bin"),
    ] {
        for name in named(option, option) {
            let all = WORKSPACE.packages.iter();
            let mut asked =
                all.filter(|it| packages.is_empty() || packages.contains(&it.name.as_str()));
            if !asked.any(|package| package.has(kind, name)) {
                return Some(format!("there is no {kind} `{name}` in {packages:?}"));
            }
        }
    }
    None
}

fn of_xtask(words: &[&str]) -> Option<String> {
    let [name, options @ ..] = words else {
        return None;
    };
    if ["bench", "drill"].contains(name) {
        return None; // what follows is for another program, which would be built for this
    }
    let Some(help) = xtask(name) else {
        return Some(format!("`cargo xtask` has no `{name}`"));
    };
    let mut options = options.iter().filter(|word| word.starts_with("--"));
    let unknown = options.find(|option| !help.contains(**option))?;
    Some(format!("`cargo xtask {name}` has no `{unknown}`"))
}

/// Another repository's commands, and those of a service that is being written.
const ELSEWHERE: [&str; 2] = ["docs/start.md", "docs/adr/"];

#[test]
fn what_cargo_is_to_do_can_be_done() {
    let mut problems = Vec::new();
    let mut looked_at = 0;
    for page in pages() {
        let path = page.path.display().to_string();
        if path == "CHANGELOG.md" || ELSEWHERE.iter().any(|other| path.starts_with(other)) {
            continue;
        }
        let mut lines = page.inline_code();
        for block in page.blocks().unwrap() {
            if block.language() == "sh" {
                let joined = block.text.replace("\\\n", " ");
                lines.extend(joined.lines().map(|line| (block.line, line.to_owned())));
            }
        }
        for (line, code) in lines {
            // A line that is elided says only how such a line begins.
            for command in code
                .split("&&")
                .filter(|it| it.contains("cargo ") && !it.contains('…'))
            {
                looked_at += 1;
                if let Some(problem) = problem(command) {
                    problems.push(format!("{path}:{line}: {command}: {problem}"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    assert!(looked_at > 50, "only {looked_at} commands were found");
}

/// What is installed from here is built from the versions that were tested.
#[test]
fn what_is_installed_is_what_was_tested() {
    let mut looked_at = 0;
    for page in pages() {
        let installs = page.text.lines().enumerate();
        let installs = installs.filter(|(_, line)| line.contains("cargo install "));
        for (number, line) in installs.filter(|(_, line)| line.contains("--path ")) {
            looked_at += 1;
            assert!(
                line.contains("--locked"),
                "{}:{}: without --locked the newest versions are taken, which nothing was tested with: {line}",
                page.path.display(),
                number + 1
            );
        }
    }
    assert!(looked_at >= 3, "only {looked_at} programs are installed");
}

#[test]
fn what_cannot_be_done_is_told() {
    for good in [
        "LEASEHOLD_SLOW=1 cargo test --package queue-sqlite --test conformance -- --exact a::b",
        "cargo run --example quickstart",
        "cargo xtask test --fast",
    ] {
        assert_eq!(problem(good), None, "{good}");
    }
    for bad in [
        "cargo test --package queue-mysql",
        "cargo test --package queue-sqlite --test no_such_test",
        "cargo run --example no_such_example",
        "cargo tset",
        "cargo xtask tset",
        "cargo xtask test --slow",
    ] {
        assert!(problem(bad).is_some(), "{bad}");
    }
}
