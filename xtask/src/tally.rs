//! Counting tests from what they print.

use std::io::{self, BufRead, Write};
use std::ops::AddAssign;

/// How many tests passed, failed and were ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
}

impl Tally {
    /// Reads the line with which each test binary ends:
    /// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; …`.
    fn parse(line: &str) -> Option<Self> {
        let (_verdict, counts) = line
            .trim()
            .strip_prefix("test result: ")?
            .split_once(". ")?;
        let mut tally = Self::default();
        for count in counts.split(';') {
            let Some((number, what)) = count.trim().split_once(' ') else {
                continue;
            };
            let slot = match what {
                "passed" => &mut tally.passed,
                "failed" => &mut tally.failed,
                "ignored" => &mut tally.ignored,
                _ => continue,
            };
            *slot = number.parse().ok()?;
        }
        Some(tally)
    }

    /// Copies test output to `to` line by line and counts on the way.
    ///
    /// Bytes, not strings: a test may print anything, and it must arrive as it was.
    pub(crate) fn copy(mut from: impl BufRead, mut to: impl Write) -> io::Result<Self> {
        let mut total = Self::default();
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line)? > 0 {
            to.write_all(&line)?;
            to.flush()?;
            if let Some(tally) = Self::parse(&String::from_utf8_lossy(&line)) {
                total += tally;
            }
            line.clear();
        }
        Ok(total)
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_result_lines() {
        let line = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.03s\n";
        assert_eq!(
            Tally::parse(line),
            Some(Tally {
                passed: 12,
                failed: 0,
                ignored: 1
            })
        );

        let line = "test result: FAILED. 7 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s";
        assert_eq!(
            Tally::parse(line),
            Some(Tally {
                passed: 7,
                failed: 2,
                ignored: 0
            })
        );
    }

    #[test]
    fn leaves_other_lines_alone() {
        for line in [
            "",
            "running 12 tests",
            "test lease::tests::expires ... ok",
            "test result: unknown",
            "he said: test result: ok. 3 passed; 0 failed",
            "all doctests ran in 0.60s; merged doctests compilation took 0.41s",
        ] {
            assert_eq!(Tally::parse(line), None, "{line:?}");
        }
    }

    #[test]
    fn sums_binaries_and_passes_every_byte_through() {
        let output: &[u8] = b"running 2 tests\n\
            \xff\xfe not text\n\
            test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 1 passed; 1 failed; 4 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            no newline at the end";
        let mut copy = Vec::new();
        let tally = Tally::copy(output, &mut copy).unwrap();
        assert_eq!(
            tally,
            Tally {
                passed: 3,
                failed: 1,
                ignored: 4
            }
        );
        assert_eq!(copy, output);
    }
}
