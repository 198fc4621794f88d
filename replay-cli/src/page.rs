//! The pages about the command line, held to what it takes.

use clap::Command;
use fixtures::command_table::arguments;
use fixtures::examples::compare_page;

use crate::arguments::line;

const HEAD: &str = "\
# Every command and its arguments

Written from the command line itself by `cargo xtask docs --all`: each command of `leasehold`, and each thing that it takes, as
`leasehold <command> --help` has it, which has examples besides. How a command is written, what it does, what it shows and what it
refuses is in [the command line](cli.md); what the daemon takes is in [its page](sweeper.md#running-it).
";

/// Beside the commands: clap's own.
const HELP: &str = "help";

fn built() -> Command {
    let mut line = line();
    line.build();
    line
}

fn commands(of: &Command) -> impl Iterator<Item = &Command> {
    of.get_subcommands()
        .filter(|command| command.get_name() != HELP && !command.is_hide_set())
}

/// What every command takes: listed once.
fn everywhere(line: &Command) -> Vec<&str> {
    let all = line
        .get_arguments()
        .filter(|argument| argument.is_global_set());
    all.map(|argument| argument.get_id().as_str()).collect()
}

fn page() -> String {
    let line = built();
    let common = everywhere(&line);
    let mut text = format!("{HEAD}\n## Everywhere\n\n{}", arguments(&line, &[]));
    for noun in commands(&line) {
        section(&mut text, 2, noun, &common);
        for verb in commands(noun) {
            section(&mut text, 3, verb, &common);
        }
    }
    text
}

fn section(text: &mut String, depth: usize, command: &Command, common: &[&str]) {
    let name = command.get_bin_name().unwrap_or_default();
    let about = command.get_about().map(ToString::to_string);
    let about = about.unwrap_or_default();
    *text += &format!("\n{} `{name}`\n\n{about}.\n", "#".repeat(depth));
    if commands(command).next().is_some() {
        return; // its verbs follow
    }
    let table = arguments(command, common);
    if !table.is_empty() {
        *text += &format!("\n{table}");
    }
}

#[test]
fn the_page_of_commands_is_the_command_line() {
    compare_page("docs/reference/commands.md", &page());
}

/// The page that says what commands do speaks of each of them, and of each of their options.
#[test]
fn the_page_about_the_command_line_tells_of_all_of_it() {
    let page = include_str!("../../docs/reference/cli.md");
    let line = built();
    let common = everywhere(&line);
    let mut missing = Vec::new();
    let everywhere_said = sections(page, "Everywhere");
    for noun in commands(&line) {
        let head = format!("`{}", noun.get_bin_name().unwrap_or_default());
        let mut said = sections(page, &head);
        // Told once, and referred to.
        if said.contains("Filters are those of `dead list`") {
            said += &sections(page, "`leasehold dead");
        }
        said += &everywhere_said;
        let verbs: Vec<_> = commands(noun).collect();
        for verb in &verbs {
            if !is_said(&said, verb.get_name()) {
                missing.push(format!("{head} {}`", verb.get_name()));
            }
        }
        for command in verbs.into_iter().chain([noun]) {
            let options = command.get_arguments().filter(|argument| {
                !argument.is_hide_set() && !common.contains(&argument.get_id().as_str())
            });
            let names = options.filter_map(clap::Arg::get_long);
            for name in names.filter(|name| !["help", "version"].contains(name)) {
                if !is_said(&said, &format!("--{name}")) {
                    let command = command.get_bin_name().unwrap_or_default();
                    missing.push(format!("`{command} --{name}`"));
                }
            }
        }
    }
    assert!(
        missing.is_empty(),
        "docs/reference/cli.md does not tell of {missing:?}"
    );
}

/// The sections of a page whose heads begin with these words.
fn sections(page: &str, head: &str) -> String {
    let found = page.split("\n## ").filter(|section| {
        let rest = section.strip_prefix(head);
        rest.is_some_and(|rest| rest.starts_with(['`', ' ', '\n']))
    });
    found.collect()
}

/// As a word: `--to` is not said by `--tool`.
fn is_said(text: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    text.match_indices(word).any(|(at, _)| {
        let after = text[at + word.len()..].chars().next();
        let before = text[..at].chars().next_back();
        !after.is_some_and(is_part) && !before.is_some_and(is_part)
    })
}
