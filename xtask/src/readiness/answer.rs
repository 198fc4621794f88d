//! What an environment, or this repository, answers to a line.

use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::line::Shown;
use crate::machine::Machine;
use crate::workspace;

/// The last lines of what was said that a report has.
const KEPT: usize = 12;
/// How a test binary says that nothing has failed.
const RESULT: &str = "test result: ok. ";

/// Where commands are run.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(crate) config: Option<PathBuf>,
    pub(crate) database: Option<OsString>,
    pub(crate) programs: Option<PathBuf>,
    pub(crate) root: PathBuf,
    /// What tests are run with, if any are.
    pub(crate) machine: Option<Machine>,
}

/// What came of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It holds; what was said last.
    Holds(String),
    /// The page is there, with that heading. What it says is for people to read.
    Written,
    /// It does not, or nobody could tell.
    Fails(String),
    /// The deploying team has to say.
    Asked,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Holds(_) => "holds",
            Self::Written => "is written down, to be read by the team",
            Self::Fails(_) => "FAILS",
            Self::Asked => "to be answered by the team",
        })
    }
}

impl Environment {
    pub(crate) fn answer(&self, shown: &Shown) -> Answer {
        match shown {
            Shown::Command(command) => {
                let mut shell = self.shell(command);
                if let Some(config) = &self.config {
                    shell.env("LEASEHOLD_CONFIG", config);
                }
                if let Some(database) = &self.database {
                    shell.env("LEASEHOLD_DATABASE_URL", database);
                }
                if let Some(programs) = &self.programs {
                    let mut path = programs.clone().into_os_string();
                    path.push(":");
                    path.push(std::env::var_os("PATH").unwrap_or_default());
                    shell.env("PATH", path);
                }
                ended(&mut shell)
            }
            Shown::Test(command) => {
                let mut shell = self.shell(command);
                // Tests have databases of their own, and must never be led to this one.
                workspace::forget_package(&mut shell);
                shell
                    .current_dir(&self.root)
                    .env_remove("LEASEHOLD_CONFIG")
                    .env_remove("LEASEHOLD_DATABASE_URL");
                if let Some(machine) = &self.machine {
                    machine.name_programs(&mut shell);
                }
                ended(&mut shell)
            }
            Shown::Page(link) => self.page(link),
            Shown::Team => Answer::Asked,
        }
    }

    /// What the report is of.
    pub(crate) fn commit(&self) -> String {
        let mut git = Command::new("git");
        git.args(["describe", "--always", "--dirty"])
            .current_dir(&self.root);
        match ended(&mut git) {
            Answer::Holds(commit) => commit,
            _ => "unknown".to_owned(),
        }
    }

    fn shell(&self, command: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]);
        shell
    }

    fn page(&self, link: &str) -> Answer {
        let (path, heading) = link.split_once('#').unwrap_or((link, ""));
        let text = match fs::read_to_string(self.root.join("docs").join(path)) {
            Ok(text) => text,
            Err(error) => return Answer::Fails(format!("{path}: {error}")),
        };
        let mut headings = text
            .lines()
            .filter(|line| line.starts_with('#'))
            .map(anchor);
        match heading.is_empty() || headings.any(|it| it == heading) {
            true => Answer::Written,
            false => Answer::Fails(format!("{path} has no heading {heading}")),
        }
    }
}

/// By what a heading is linked to.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = words.chars().filter_map(|it| match it {
        ' ' => Some('-'),
        it if it.is_alphanumeric() || it == '-' || it == '_' => Some(it),
        _ => None,
    });
    kept.collect()
}

fn ended(command: &mut Command) -> Answer {
    let output = match command.stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(error) => return Answer::Fails(error.to_string()),
    };
    let all = [output.stdout, output.stderr].concat();
    let all = String::from_utf8_lossy(&all);
    let lines: Vec<&str> = all.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.iter().skip(lines.len().saturating_sub(KEPT));
    let said = last.copied().collect::<Vec<_>>().join("\n");
    let mut results = lines.iter().filter(|line| line.contains(RESULT)).peekable();
    // A filter that meets nothing any more would hold for ever.
    let is_empty = results.peek().is_some() && !results.any(|line| ran(line));
    match output.status.success() {
        true if is_empty => Answer::Fails(format!("no test was run\n{said}")),
        true => Answer::Holds(said),
        false => Answer::Fails(format!("{}\n{said}", output.status)),
    }
}

/// Whether tests were run, by what a test binary says in the end.
fn ran(line: &str) -> bool {
    let passed = line.split_once(RESULT).map(|(_, rest)| rest);
    passed.is_some_and(|rest| !rest.starts_with("0 passed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Environment {
        Environment {
            config: None,
            database: Some("sqlite:here.db".into()),
            programs: None,
            root: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".."),
            machine: None,
        }
    }

    #[test]
    fn commands_are_asked_about_the_environment_and_tests_are_not() {
        let said = |shown: &Shown| here().answer(shown);
        let asked = "echo \"$LEASEHOLD_DATABASE_URL\"".to_owned();
        let of_it = Answer::Holds("sqlite:here.db".to_owned());
        assert_eq!(said(&Shown::Command(asked.clone())), of_it);
        assert_eq!(said(&Shown::Test(asked)), Answer::Holds(String::new()));
        let failed = said(&Shown::Command("echo no; exit 6".to_owned()));
        assert_eq!(failed, Answer::Fails("exit status: 6\nno".to_owned()));
    }

    #[test]
    fn tests_that_nobody_ran_show_nothing() {
        let none = "echo 'running 0 tests'; echo 'test result: ok. 0 passed; 0 failed'";
        let answer = here().answer(&Shown::Test(none.to_owned()));
        assert!(matches!(answer, Answer::Fails(said) if said.starts_with("no test was run")));
        let some =
            format!("{none}; echo 'running 3 tests'; echo 'test result: ok. 3 passed; 0 failed'");
        let answer = here().answer(&Shown::Test(some));
        assert!(matches!(answer, Answer::Holds(_)), "{answer:?}");
    }

    #[test]
    fn pages_have_to_be_there() {
        let page = |link: &str| here().answer(&Shown::Page(link.to_owned()));
        assert_eq!(page("guides/deploy.md"), Answer::Written);
        let heading = "guides/deploy.md#upgrade-and-roll-back";
        assert_eq!(page(heading), Answer::Written);
        assert!(matches!(page("guides/deploy.md#none"), Answer::Fails(_)));
        assert!(matches!(page("nowhere.md"), Answer::Fails(_)));
    }
}
