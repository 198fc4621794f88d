//! Whether a run goes on, by what the first replays came to.

use std::fmt;
use std::str::FromStr;

use super::outcome::RunCounts;

/// With fewer outcomes than this a share says nothing: one failure of one would be all of them.
const LEAST: u32 = 10;

/// A share of failures, in percent.
///
/// ```
/// use queue_core::FailureShare;
/// let share: FailureShare = "20%".parse().unwrap();
/// assert_eq!(share.to_string(), "20%");
/// let error = "lots".parse::<FailureShare>().unwrap_err();
/// assert_eq!(error.to_string(), "`lots` is no share of failures: write 0% to 100%, like 20%");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureShare(u8);

/// Why a text is no share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no share of failures: write 0% to 100%, like 20%")]
pub struct InvalidShare(String);

impl FailureShare {
    /// So many of a hundred.
    pub fn percent(percent: u8) -> Result<Self, InvalidShare> {
        if percent > 100 {
            return Err(InvalidShare(format!("{percent}%")));
        }
        Ok(Self(percent))
    }

    /// Whether so many failures are more than this share.
    fn is_exceeded(self, failed: u32, of: u32) -> bool {
        u64::from(failed) * 100 > u64::from(self.0) * u64::from(of)
    }
}

impl fmt::Display for FailureShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

impl FromStr for FailureShare {
    type Err = InvalidShare;

    fn from_str(text: &str) -> Result<Self, InvalidShare> {
        let number = text.strip_suffix('%').unwrap_or(text).parse();
        let share = number.ok().and_then(|number| Self::percent(number).ok());
        share.ok_or_else(|| {
            let shown = text.chars().take(40).flat_map(char::escape_debug);
            InvalidShare(shown.collect())
        })
    }
}

/// The first letters of a run, and how many of them and of all may fail.
///
/// ```
/// use queue_core::{Canary, FailureShare, RunCounts, RunJudgement};
/// let canary = Canary::new(20, FailureShare::percent(20).unwrap());
/// let counts = |running, succeeded, died| RunCounts { running, succeeded, died, ..RunCounts::default() };
/// assert_eq!(canary.judge(&counts(0, 0, 0)), RunJudgement::GoOn { at_most: Some(20) });
/// assert_eq!(canary.judge(&counts(4, 13, 3)), RunJudgement::Wait);
/// assert_eq!(canary.judge(&counts(2, 13, 5)), RunJudgement::Stop { failed: 5, ended: 18 });
/// assert_eq!(canary.judge(&counts(0, 17, 3)), RunJudgement::GoOn { at_most: None });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canary {
    first: u32,
    stop_above: Option<FailureShare>,
}

/// What a run does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunJudgement {
    /// It replays more: so many, or as many as it likes.
    GoOn {
        /// How many at most.
        at_most: Option<u32>,
    },
    /// It waits for outcomes.
    Wait,
    /// Too many have failed.
    Stop {
        /// How many.
        failed: u32,
        /// Of how many that have ended.
        ended: u32,
    },
}

impl Canary {
    /// The first so many are waited for, and more failures than this share end the run at any time.
    #[must_use]
    pub const fn new(first: u32, stop_above: FailureShare) -> Self {
        Self {
            first,
            stop_above: Some(stop_above),
        }
    }

    /// A run that is never stopped.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            first: 0,
            stop_above: None,
        }
    }

    /// What follows from what has been seen. The share is of those that have ended, but at least of the
    /// first ones, and of ten: it is exceeded as soon as it can only be exceeded.
    #[must_use]
    pub fn judge(&self, counts: &RunCounts) -> RunJudgement {
        let ended = counts.ended();
        let of = ended.max(self.first).max(LEAST);
        let exceeded = |share: FailureShare| share.is_exceeded(counts.died, of);
        if self.stop_above.is_some_and(exceeded) {
            return RunJudgement::Stop {
                failed: counts.died,
                ended,
            };
        }
        let replayed = counts.replayed();
        if replayed < self.first {
            RunJudgement::GoOn {
                at_most: Some(self.first - replayed),
            }
        } else if ended < self.first {
            RunJudgement::Wait
        } else {
            RunJudgement::GoOn { at_most: None }
        }
    }
}
