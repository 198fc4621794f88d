//! What was found, as a page.

use std::fmt;

use super::answer::Answer;
use super::line::{BAR, Line, Shown};

/// The answers for one environment at one moment.
#[derive(Debug)]
pub(crate) struct Report {
    environment: String,
    moment: String,
    commit: String,
    answers: Vec<(Line, Answer)>,
}

impl Report {
    pub(crate) fn new(environment: &str, moment: &str, commit: &str) -> Self {
        Self {
            environment: environment.to_owned(),
            moment: moment.to_owned(),
            commit: commit.trim().to_owned(),
            answers: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, line: Line, answer: Answer) {
        self.answers.push((line, answer));
    }

    /// Whether no line fails.
    pub(crate) fn is_ready(&self) -> bool {
        self.failed() == 0
    }

    fn failed(&self) -> usize {
        self.count(|answer| matches!(answer, Answer::Fails(_)))
    }

    fn count(&self, is: impl Fn(&Answer) -> bool) -> usize {
        self.answers.iter().filter(|(_, answer)| is(answer)).count()
    }

    pub(crate) fn summary(&self) -> String {
        let asked = self.count(|answer| *answer == Answer::Asked);
        let written = self.count(|answer| *answer == Answer::Written);
        let holds = self.count(|answer| matches!(answer, Answer::Holds(_)));
        format!(
            "{holds} hold, {} fail, {written} are written down, {asked} are the team's to answer",
            self.failed()
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Readiness of {}\n", self.environment)?;
        writeln!(
            f,
            "{}, at commit {}. {}.",
            self.moment,
            self.commit,
            self.summary()
        )?;
        let mut part = "";
        for (line, answer) in &self.answers {
            if line.part != part {
                part = &line.part;
                writeln!(f, "\n## {part}\n\n| | | | shown by |\n|---|---|---|---|")?;
            }
            let shown = match &line.shown {
                Shown::Command(command) | Shown::Test(command) => {
                    format!("`{}`", command.replace('|', BAR))
                }
                Shown::Page(page) => format!("docs/{page}; read by, date:"),
                Shown::Team => "name, date:".to_owned(),
            };
            writeln!(
                f,
                "| {} | {answer} | {} | {shown} |",
                line.number, line.claim
            )?;
        }
        for (line, answer) in &self.answers {
            let (Answer::Fails(said) | Answer::Holds(said)) = answer else {
                continue;
            };
            if !said.is_empty() {
                writeln!(f, "\n### {}: {answer}\n\n```text\n{said}\n```", line.number)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_fails_is_enough() {
        let line = |number: &str| Line {
            part: "Security".to_owned(),
            number: number.to_owned(),
            claim: "it is safe".to_owned(),
            shown: Shown::Command("leasehold doctor".to_owned()),
        };
        let mut report = Report::new("staging", "today", "abc\n");
        report.add(line("SEC-1"), Answer::Holds("fine".to_owned()));
        report.add(line("SEC-2"), Answer::Asked);
        report.add(line("SEC-4"), Answer::Written);
        assert!(report.is_ready());
        report.add(line("SEC-3"), Answer::Fails("exit status: 7".to_owned()));
        assert!(!report.is_ready());
        let page = report.to_string();
        assert!(
            page.starts_with(
                "# Readiness of staging\n\ntoday, at commit abc. 1 hold, 1 fail, 1 are written down, 1 are"
            )
        );
        assert!(
            page.contains("| SEC-3 | FAILS | it is safe | `leasehold doctor` |"),
            "{page}"
        );
        assert!(
            page.contains("### SEC-3: FAILS\n\n```text\nexit status: 7"),
            "{page}"
        );
    }
}
