//! When somebody is told, and when the candidate goes.

use queue_core::Timestamp;

use super::{Counts, History, RolloutPlan};
use crate::review::Edition;

/// So many minutes are summed up at a time: one bad minute is no trend.
const SUMMED: u32 = 10;
/// For so many minutes rejections must be too many.
const SUSTAINED: u32 = 30;
/// So many times the baseline is too many.
const TOO_MANY: u16 = 2;
/// Nobody asks for what is older.
const KEPT: u32 = SUSTAINED + SUMMED;

/// A plan with what came of it so far.
///
/// ```
/// use std::time::Duration;
/// use queue_core::ManualClock;
/// use review_service::review::AcceptedVersions;
/// use review_service::rollout::{Counts, Event, Rollout, RolloutConfig, RolloutPlan};
///
/// let plan = RolloutPlan::new(RolloutConfig::default(), &AcceptedVersions::default()).unwrap();
/// let mut rollout = Rollout::new(plan);
/// let edition = rollout.edition("changelist:4711");
/// let clock = ManualClock::default();
/// // One of ten is rejected, where one of fifty is in ordinary times.
/// for minute in 0..45 {
///     for job in 0..10 {
///         let came = if job == 0 { Counts::rejected() } else { Counts::accepted(2) };
///         rollout.record(clock.now(), edition, came);
///     }
///     let events = rollout.judge(clock.now());
///     // Twenty jobs say something, half an hour makes it worth saying.
///     assert_eq!(events.len(), usize::from(minute == 31), "minute {minute}: {events:?}");
///     clock.advance(Duration::from_secs(60));
/// }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Rollout {
    plan: RolloutPlan,
    current: Arm,
    candidate: Arm,
    rolled_back: bool,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Arm {
    history: History,
    alarmed: bool,
}

/// Something that is worth telling, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// For half an hour, more than twice as many answers were rejected as in ordinary times.
    TooManyRejected {
        /// To what they answered.
        edition: Edition,
        /// The last ten minutes.
        counts: Counts,
    },
    /// That is over.
    RejectionsNormal {
        /// To what they answer.
        edition: Edition,
    },
    /// Too few findings came of the candidate: from now on all changes are reviewed by the current edition.
    RolledBack {
        /// What was taken back.
        candidate: Edition,
        /// The last half hour.
        counts: Counts,
    },
}

impl Rollout {
    /// With nothing counted yet.
    #[must_use]
    pub fn new(plan: RolloutPlan) -> Self {
        Self {
            plan,
            current: Arm::default(),
            candidate: Arm::default(),
            rolled_back: false,
        }
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &RolloutPlan {
        &self.plan
    }

    /// What a subject is reviewed by.
    #[must_use]
    pub fn edition(&self, subject: &str) -> Edition {
        match self.plan.config().candidate {
            Some(candidate) if !self.rolled_back && self.plan.is_in_slice(subject) => {
                candidate.edition
            }
            _ => self.plan.config().current,
        }
    }

    /// Whether the candidate was taken back. It stays so until there is another plan.
    #[must_use]
    pub fn is_rolled_back(&self) -> bool {
        self.rolled_back
    }

    /// Counts what came of an answer. One to an edition that is not of this plan says nothing about it.
    pub fn record(&mut self, at: Timestamp, edition: Edition, came: Counts) {
        let config = self.plan.config();
        if edition == config.current {
            self.current.history.record(at, came);
        } else if config.candidate.is_some_and(|it| it.edition == edition) {
            self.candidate.history.record(at, came);
        }
    }

    /// What the counts say at that time, as far as it was not told before.
    pub fn judge(&mut self, now: Timestamp) -> Vec<Event> {
        let config = self.plan.config().clone();
        let limit = config.baseline_rejected.times(TOO_MANY);
        let too_many = |sum: Counts| {
            sum.jobs >= config.least_jobs && limit.is_exceeded_by(sum.rejected, sum.jobs)
        };
        let mut events = Vec::new();
        let new = config.candidate.map(|it| (&mut self.candidate, it.edition));
        let arms = [Some((&mut self.current, config.current)), new];
        for (arm, edition) in arms.into_iter().flatten() {
            arm.history.forget(KEPT, now);
            let alarming = arm
                .history
                .holds_throughout(SUSTAINED, SUMMED, now, too_many);
            // It is over when it is over, and not when a minute of it is.
            let over = !too_many(arm.history.over(SUMMED, now));
            if alarming && !arm.alarmed {
                arm.alarmed = true;
                let counts = arm.history.over(SUMMED, now);
                events.push(Event::TooManyRejected { edition, counts });
            } else if arm.alarmed && over {
                arm.alarmed = false;
                events.push(Event::RejectionsNormal { edition });
            }
        }
        if let Some(candidate) = config.candidate.filter(|_| !self.rolled_back) {
            let counts = self.candidate.history.over(SUSTAINED, now);
            let wanted = config.least_findings_per_job * counts.jobs as f64;
            if counts.jobs >= config.least_jobs && (counts.findings as f64) < wanted {
                self.rolled_back = true;
                events.push(Event::RolledBack {
                    candidate: candidate.edition,
                    counts,
                });
            }
        }
        events
    }
}
