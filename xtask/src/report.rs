//! What a run of the suite did, down to its one last line.

use std::fmt;
use std::time::Instant;

use anyhow::Result;

use crate::{span::Span, tally::Tally};

/// The steps so far and the tests they counted.
#[derive(Debug)]
pub(crate) struct Report {
    started: Instant,
    run: u32,
    not_run: u32,
    failed: Option<&'static str>,
    /// Tests of all steps together.
    pub(crate) tally: Tally,
}

impl Report {
    pub(crate) fn start() -> Self {
        Self {
            started: Instant::now(),
            run: 0,
            not_run: 0,
            failed: None,
            tally: Tally::default(),
        }
    }

    /// Runs one step between a header and its duration.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        what: &str,
        run: impl FnOnce(&mut Tally) -> Result<()>,
    ) -> Result<()> {
        println!("==> {name}: {what}");
        let started = Instant::now();
        let outcome = run(&mut self.tally);
        let verdict = if outcome.is_ok() {
            "done in"
        } else {
            "FAILED after"
        };
        println!("<== {name}: {verdict} {}\n", Span::since(started));
        self.run += 1;
        if outcome.is_err() {
            self.failed = Some(name);
        }
        outcome
    }

    /// Says plainly that a step did not run, and why.
    pub(crate) fn skip(&mut self, name: &str, why: &str) {
        println!("==> {name}: NOT RUN, {why}\n");
        self.not_run += 1;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { run, tally, .. } = self;
        let plural = if *run == 1 { "" } else { "s" };
        write!(f, "test: {run} step{plural}")?;
        if let Some(step) = self.failed {
            write!(f, ", FAILED at {step}")?;
        }
        if self.not_run > 0 {
            write!(f, ", {} not run", self.not_run)?;
        }
        write!(
            f,
            ", {} tests passed, {} failed",
            tally.passed, tally.failed
        )?;
        if tally.ignored > 0 {
            write!(f, ", {} ignored", tally.ignored)?;
        }
        write!(f, ", in {}", Span::since(self.started))
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_clean_run_is_short() {
        let mut report = Report::start();
        for _ in 0..6 {
            let step = report.step("tests", "counts", |tally| {
                tally.passed += 20;
                Ok(())
            });
            step.unwrap();
        }
        assert_eq!(
            report.to_string(),
            "test: 6 steps, 120 tests passed, 0 failed, in 0.0s"
        );
    }

    #[test]
    fn what_was_not_run_ignored_or_failed_is_said() {
        let mut report = Report::start();
        report.skip("deny", "cargo-deny is not installed");
        let outcome = report.step("tests", "counts", |tally| {
            *tally = Tally {
                passed: 3,
                failed: 1,
                ignored: 2,
            };
            bail!("one failed")
        });
        assert!(outcome.is_err());
        assert_eq!(
            report.to_string(),
            "test: 1 step, FAILED at tests, 1 not run, 3 tests passed, 1 failed, 2 ignored, in 0.0s"
        );
    }
}
