//! Commands that pages name are commands: those of usages, of runbooks, and in the middle of sentences.

use std::collections::BTreeMap;
use std::process::Command;

use book::block::Note;

use crate::{pages, programs};

/// For those who make packages: not in the help.
const HIDDEN: [&str; 1] = ["--man"];

/// What `--help` says of a command, or nothing if there is none.
#[derive(Default)]
struct Helps(BTreeMap<String, Option<String>>);

impl Helps {
    fn of(&mut self, words: &[&str]) -> Option<String> {
        let known = self.0.entry(words.join(" ")).or_insert_with(|| {
            let (program, words) = words.split_first().unwrap();
            let mut command = Command::new(programs::FOLDER.join(program));
            let output = command.args(words).arg("--help").output().unwrap();
            let help = String::from_utf8(output.stdout).unwrap();
            output.status.success().then_some(help)
        });
        known.clone()
    }

    /// What is wrong with a line that begins with a program of ours.
    fn problem(&mut self, line: &str) -> Option<String> {
        // Comments, what is quoted, and what the shell does with it are no words of ours.
        let line = line.split(" #").next().unwrap_or_default();
        let line = without_quoted(line);
        let line = line
            .split(['|', ';', '&', '<', '>', '='])
            .next()
            .unwrap_or_default();
        let mut words = line.split_whitespace();
        let program = words.next()?;
        let mut command = vec![program];
        let mut rest = Vec::new();
        for word in words {
            let is_name = word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-');
            let begins = |word: &str| !word.starts_with('-');
            if rest.is_empty() && is_name && begins(word) && command.len() < 3 {
                let mut longer = command.clone();
                longer.push(word);
                if self.of(&longer).is_some() {
                    command = longer;
                    continue;
                }
                // An argument, or no command at all.
                let help = self.of(&command)?;
                if command.len() == 1 || help.contains("<COMMAND>") {
                    return Some(format!("`{}` has no command `{word}`", command.join(" ")));
                }
            }
            rest.push(word);
        }
        let Some(help) = self.of(&command) else {
            return Some(format!("there is no `{}`", command.join(" ")));
        };
        let options = rest
            .iter()
            .flat_map(|word| word.split(['[', ']', '|', '(', ')', '`', ',', '.', '…']));
        for option in options.filter(|word| word.starts_with("--") && word.len() > 2) {
            let known = help.match_indices(option).any(|(at, _)| {
                let after = help[at + option.len()..].chars().next();
                after.is_none_or(|letter| !letter.is_ascii_alphanumeric() && letter != '-')
            });
            if !known && !HIDDEN.contains(&option) {
                return Some(format!("`{}` has no `{option}`", command.join(" ")));
            }
        }
        None
    }
}

fn without_quoted(line: &str) -> String {
    let parts = line.split('\'').enumerate();
    let kept = parts.map(|(index, part)| if index % 2 == 0 { part } else { "QUOTED" });
    kept.collect()
}

fn is_ours(line: &str) -> bool {
    line.starts_with("leasehold ") || line.starts_with("leasehold-sweeper ")
}

#[test]
fn commands_that_pages_name_are_there() {
    let mut helps = Helps::default();
    let mut problems = Vec::new();
    let mut asked = 0;
    for page in pages() {
        let path = page.path.display().to_string();
        if path == "CHANGELOG.md" || path.starts_with("docs/adr/") {
            continue; // what was so then
        }
        let mut lines = page.inline_code();
        for block in page.blocks().unwrap() {
            let usage = block.note == Some(Note::Usage);
            if block.language() == "sh" || usage {
                let joined = block.text.replace("\\\n", " ");
                // In a usage a line goes on where the next one is set in.
                let joined = if usage {
                    joined.replace("\n    ", " ")
                } else {
                    joined
                };
                lines.extend(joined.lines().map(|line| (block.line, line.to_owned())));
            }
        }
        // A crontab is no sh, and has its commands behind the times and the user.
        for block in page.blocks().unwrap() {
            if block.language() == "text" && block.text.starts_with("# /etc/cron.d/") {
                let entries = block.text.lines().filter(|line| line.starts_with('*'));
                let commands = entries.map(|entry| {
                    let words: Vec<&str> = entry.split_whitespace().skip(6).collect();
                    words.join(" ")
                });
                let before = lines.len();
                lines.extend(commands.map(|command| (block.line, command)));
                let crontab = &lines[before..];
                assert!(!crontab.is_empty(), "{path}:{}", block.line);
                assert!(
                    crontab.iter().all(|(_, command)| is_ours(command)),
                    "{crontab:?}"
                );
            }
        }
        for (line, code) in lines {
            if is_ours(&code) {
                asked += 1;
                if let Some(problem) = helps.problem(&code) {
                    problems.push(format!("{path}:{line}: {code}: {problem}"));
                }
            }
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
    assert!(asked > 100, "only {asked} commands were found");
}

#[test]
fn what_is_no_command_is_told() {
    let mut helps = Helps::default();
    assert_eq!(
        helps.problem("leasehold queue pause mail --reason 'x'"),
        None
    );
    assert!(helps.problem("leasehold queue stop mail").is_some());
    assert!(helps.problem("leasehold quue list").is_some());
    assert!(
        helps
            .problem("leasehold queue pause mail --why x")
            .is_some()
    );
}
