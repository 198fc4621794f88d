//! How a plan is applied.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use queue_core::{Canary, Due, FailureShare, Pace, RunCounts, RunJudgement};

/// Of what a canary may fail, unless it is said.
const USUAL_SHARE: u8 = 20;
/// How many letters one transaction replays. It holds their rows meanwhile, and what it has not
/// committed a process that dies has not done.
const AT_A_TIME: u64 = 500;
/// How often is looked at a run that waits: for outcomes, for its pace, or for being told to stop.
const LOOK: Duration = Duration::from_millis(250);

/// How fast, and on which conditions.
///
/// ```
/// use queue_ops::replay::Settings;
/// let settings = Settings {
///     pace: Some("10/s".parse().unwrap()),
///     canary: 20,
///     stop_above: Some("20%".parse().unwrap()),
/// };
/// assert_eq!(settings.to_string(), "10/s, canary 20, stop above 20%");
/// assert_eq!(settings.to_string().parse(), Ok(settings));
/// assert_eq!(Settings::default().to_string(), "as fast as it goes");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// How fast; as fast as it goes where there is none.
    pub pace: Option<Pace>,
    /// So many are replayed first, and waited for.
    pub canary: u32,
    /// With a larger share of failures than this it stops.
    pub stop_above: Option<FailureShare>,
}

/// How a run stands when it is decided what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What it has come to, since somebody last decided that it goes on.
    pub counts: RunCounts,
    /// How many letters are left.
    pub left: usize,
    /// Since when the pace is kept.
    pub elapsed: Duration,
    /// How many were replayed since then.
    pub replayed: u64,
}

/// What a run does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It replays so many.
    Replay(usize),
    /// It waits for its pace.
    Pause(Duration),
    /// It waits for outcomes, and looks again after this.
    Await(Duration),
    /// It stops: so many have failed, of so many.
    Stop {
        /// How many have died again.
        failed: u32,
        /// Of how many that have ended.
        ended: u32,
    },
    /// Nothing is left.
    Finish,
}

impl Settings {
    fn share(&self) -> Option<FailureShare> {
        let usual = || FailureShare::percent(USUAL_SHARE).ok();
        let canary = (self.canary > 0).then(usual).flatten();
        self.stop_above.or(canary)
    }

    fn judge(&self) -> Canary {
        self.share()
            .map_or_else(Canary::none, |share| Canary::new(self.canary, share))
    }

    /// What is next.
    #[must_use]
    pub fn next(&self, standing: &Standing) -> Step {
        let counts = &standing.counts;
        // Also where all of them are the canary.
        let canary_runs = counts.running > 0 && counts.replayed() <= self.canary;
        let at_most = match self.judge().judge(counts) {
            RunJudgement::Stop { failed, ended } => return Step::Stop { failed, ended },
            RunJudgement::Wait => return Step::Await(LOOK),
            RunJudgement::GoOn { .. } if standing.left == 0 && canary_runs => {
                return Step::Await(LOOK);
            }
            RunJudgement::GoOn { .. } if standing.left == 0 => return Step::Finish,
            RunJudgement::GoOn { at_most } => at_most.map_or(u64::MAX, u64::from),
        };
        let due = match self
            .pace
            .map(|pace| pace.due(standing.elapsed, standing.replayed))
        {
            None => u64::MAX,
            Some(Due::Now(due)) => due,
            Some(Due::In(wait)) => return Step::Pause(wait.min(LOOK)),
        };
        let count = due.min(at_most).min(AT_A_TIME);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        Step::Replay(count.min(standing.left))
    }
}

impl fmt::Display for Settings {
    /// As it is kept with the run.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pace {
            Some(pace) => write!(f, "{pace}")?,
            None => f.write_str("as fast as it goes")?,
        }
        if self.canary > 0 {
            write!(f, ", canary {}", self.canary)?;
        }
        match self.share() {
            Some(share) => write!(f, ", stop above {share}"),
            None => Ok(()),
        }
    }
}

/// What was kept with a run are no settings of this program's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` are no settings of `leasehold replay apply`")]
pub struct UnknownSettings(String);

impl FromStr for Settings {
    type Err = UnknownSettings;

    /// As it was kept with a run.
    fn from_str(text: &str) -> Result<Self, UnknownSettings> {
        let unknown = || UnknownSettings(text.to_owned());
        let mut parts = text.split(", ");
        let mut settings = Self {
            pace: match parts.next() {
                Some("as fast as it goes") => None,
                pace => Some(pace.unwrap_or_default().parse().map_err(|_| unknown())?),
            },
            ..Self::default()
        };
        for part in parts {
            if let Some(count) = part.strip_prefix("canary ") {
                settings.canary = count.parse().map_err(|_| unknown())?;
            } else if let Some(share) = part.strip_prefix("stop above ") {
                settings.stop_above = Some(share.parse().map_err(|_| unknown())?);
            } else {
                return Err(unknown());
            }
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(counts: RunCounts, left: usize) -> Standing {
        Standing {
            counts,
            left,
            elapsed: Duration::ZERO,
            replayed: 0,
        }
    }

    fn counts(running: u32, succeeded: u32, died: u32) -> RunCounts {
        RunCounts {
            running,
            succeeded,
            died,
            ..RunCounts::default()
        }
    }

    #[test]
    fn without_settings_it_goes_on_until_nothing_is_left() {
        let all = Settings::default();
        let next = |left| all.next(&standing(counts(0, 0, 9), left));
        assert_eq!(next(1_000), Step::Replay(500));
        assert_eq!(next(7), Step::Replay(7));
        assert_eq!(next(0), Step::Finish);
    }

    #[test]
    fn a_canary_is_waited_for_and_can_stop_the_run() {
        let settings = Settings {
            canary: 20,
            ..Settings::default()
        };
        let next = |counts| settings.next(&standing(counts, 100));
        assert_eq!(next(counts(0, 0, 0)), Step::Replay(20));
        assert_eq!(next(counts(13, 7, 0)), Step::Await(LOOK));
        assert_eq!(next(counts(0, 16, 4)), Step::Replay(100));
        let stop = Step::Stop {
            failed: 5,
            ended: 6,
        };
        assert_eq!(next(counts(14, 1, 5)), stop);
        // Also at the very end: that too many have failed is no good end.
        assert_eq!(settings.next(&standing(counts(14, 1, 5), 0)), stop);
        // Where there are no more than the canary it is waited for all the same.
        let last = |counts| settings.next(&standing(counts, 0));
        assert_eq!(last(counts(3, 0, 0)), Step::Await(LOOK));
        assert_eq!(last(counts(1, 19, 0)), Step::Await(LOOK));
        assert_eq!(last(counts(0, 20, 0)), Step::Finish);
        assert_eq!(last(counts(1, 20, 0)), Step::Finish);
    }

    #[test]
    fn they_are_read_as_they_were_kept() {
        for text in [
            "as fast as it goes",
            "10/s",
            "300/m, canary 5, stop above 20%",
            "as fast as it goes, stop above 3%",
        ] {
            let settings: Settings = text.parse().unwrap();
            assert_eq!(settings.to_string(), text);
        }
        for text in ["", "10/s, canary many", "fast", "10/s, gently"] {
            assert!(text.parse::<Settings>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_pace_is_kept() {
        let settings = Settings {
            pace: Some("10/s".parse().unwrap()),
            ..Settings::default()
        };
        let next = |millis, replayed| {
            settings.next(&Standing {
                elapsed: Duration::from_millis(millis),
                replayed,
                ..standing(RunCounts::default(), 100)
            })
        };
        assert_eq!(next(0, 0), Step::Replay(1));
        assert_eq!(next(1_000, 1), Step::Replay(10));
        assert_eq!(next(0, 1), Step::Pause(Duration::from_millis(100)));
    }
}
