//! What was counted, the file that it is kept in, and how two counts compare.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::callgrind;
use crate::path::HotPath;

/// How much more is too much: well above what counts differ by from run to run, which is less than one of a hundred.
const TOLERANCE: f64 = 0.15;
const AGAIN: &str = "cargo xtask bench guard --update";

/// Instructions of each path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Baseline {
    /// Another one counts otherwise, for no fault of ours.
    compiler: String,
    instructions: BTreeMap<HotPath, u64>,
}

impl Baseline {
    /// Counts them.
    pub(crate) fn count() -> Result<Self> {
        ensure!(
            !cfg!(debug_assertions),
            "a debug build counts itself: run `cargo xtask bench guard`, which builds for release"
        );
        let counts = HotPath::value_variants().iter().map(|path| {
            let counted = callgrind::instructions(*path);
            Ok((*path, counted.with_context(|| path.name())?))
        });
        Ok(Self {
            compiler: compiler()?,
            instructions: counts.collect::<Result<_>>()?,
        })
    }

    /// The one that is checked in.
    pub(crate) fn kept() -> Result<Self> {
        let text = fs::read_to_string(file())
            .with_context(|| format!("there is no baseline: make one by `{AGAIN}`"))?;
        serde_json::from_str(&text)
            .with_context(|| format!("the baseline cannot be read: make one by `{AGAIN}`"))
    }

    /// Writes it into the file that is checked in.
    pub(crate) fn keep(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(self)? + "\n";
        fs::write(file(), text).context("writing the baseline")
    }

    /// What was counted now, against this.
    pub(crate) fn compare(&self, now: &Self) -> Comparison {
        let lines = now.instructions.iter().map(|(path, now)| Line {
            path: *path,
            now: *now,
            before: self.instructions.get(path).copied(),
        });
        Comparison {
            lines: lines.collect(),
            compilers: (self.compiler != now.compiler)
                .then(|| (self.compiler.clone(), now.compiler.clone())),
        }
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, count) in &self.instructions {
            writeln!(f, "{:<14}{count:>12}", path.name())?;
        }
        write!(f, "({})", self.compiler)
    }
}

/// Two counts of each path.
#[derive(Debug)]
pub(crate) struct Comparison {
    lines: Vec<Line>,
    /// That of the baseline and that of today, where they differ.
    compilers: Option<(String, String)>,
}

#[derive(Debug)]
struct Line {
    path: HotPath,
    now: u64,
    before: Option<u64>,
}

impl Line {
    fn change(&self) -> Option<f64> {
        self.before
            .map(|before| self.now as f64 / before.max(1) as f64 - 1.0)
    }

    fn holds(&self) -> bool {
        self.change().is_some_and(|change| change <= TOLERANCE)
    }
}

impl Comparison {
    /// Whether nothing takes too much. By another compiler nothing can be said.
    pub(crate) fn holds(&self) -> bool {
        self.compilers.is_some() || self.lines.iter().all(Line::holds)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<14}{:>12}{:>12}{:>9}",
            "instructions", "baseline", "now", "change"
        )?;
        for line in &self.lines {
            let before = line
                .before
                .map_or("none".to_owned(), |count| count.to_string());
            let change = line
                .change()
                .map_or(String::new(), |change| format!("{:+.1} %", change * 100.0));
            let verdict = if line.holds() { "" } else { "  TOO MUCH" };
            let path = line.path.name();
            writeln!(
                f,
                "{path:<14}{before:>12}{:>12}{change:>9}{verdict}",
                line.now
            )?;
        }
        match &self.compilers {
            Some((before, now)) => write!(
                f,
                "not judged: the baseline was counted with {before}, and this is {now}; `{AGAIN}` makes another"
            ),
            None if self.holds() => {
                write!(f, "nothing takes more than {:.0} % more", TOLERANCE * 100.0)
            }
            None => write!(
                f,
                "more than {:.0} % more: find out why, or say why it is right and make another baseline by `{AGAIN}`",
                TOLERANCE * 100.0
            ),
        }
    }
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../results/guard.json")
}

/// The version of the compiler, which this program was made by if cargo started it.
fn compiler() -> Result<String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let output = output.context("asking the compiler for its version")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(compiler: &str, decide: u64) -> Baseline {
        Baseline {
            compiler: compiler.to_owned(),
            instructions: BTreeMap::from([(HotPath::Decide, decide)]),
        }
    }

    #[test]
    fn a_little_more_holds_and_much_more_does_not() {
        let kept = baseline("one", 100);
        assert!(kept.compare(&baseline("one", 115)).holds());
        assert!(kept.compare(&baseline("one", 3)).holds());
        let worse = kept.compare(&baseline("one", 116));
        assert!(!worse.holds());
        let said = worse.to_string();
        assert!(said.contains("+16.0 %  TOO MUCH"), "{said}");
    }

    #[test]
    fn another_compiler_is_told_and_not_judged() {
        let comparison = baseline("one", 100).compare(&baseline("two", 1_000));
        assert!(comparison.holds());
        let said = comparison.to_string();
        assert!(said.contains("counted with one, and this is two"), "{said}");
    }

    #[test]
    fn a_path_that_the_baseline_does_not_know_is_to_be_added() {
        let kept = Baseline {
            instructions: BTreeMap::new(),
            ..baseline("one", 1)
        };
        assert!(!kept.compare(&baseline("one", 1)).holds());
    }

    #[test]
    fn the_baseline_that_is_checked_in_has_every_path() {
        let kept = Baseline::kept().unwrap();
        let paths: Vec<HotPath> = kept.instructions.into_keys().collect();
        assert_eq!(paths, HotPath::value_variants());
    }
}
