//! Jobs by the clock: what is stored of a schedule, and what becomes of it.

mod cadence;
mod firing;
mod invalid;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use cadence::{Cadence, Cron, Interval};
pub use firing::{Fired, FiredDue, Firing, MAX_TICKS, fire_due, plan};
pub use invalid::InvalidSchedule;

use crate::time::whole_micros;
use crate::{Headers, NewJob, RunAt, ScheduleName, Timestamp};

/// The header of a fired job that says for which tick it is, as RFC 3339 in UTC.
pub const SCHEDULED_FOR: &str = "scheduled_for";

/// How old a tick may be that [`MissedTicks::Skip`] still fires, unless the schedule says otherwise.
pub const DEFAULT_GRACE: Duration = Duration::from_secs(60);

/// What becomes of ticks that came while nobody was there to fire them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MissedTicks {
    /// They are dropped. Only the latest tick is fired, and only while it is no older than the grace.
    #[default]
    Skip,
    /// One job for all of them, at the latest.
    Once,
    /// One job for each, in order, at most [`MAX_TICKS`] in one firing and the rest in the next.
    All,
}

impl MissedTicks {
    /// As stored and shown: `skip`, `once` or `all`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Once => "once",
            Self::All => "all",
        }
    }

    /// Reads what [`Self::as_str`] wrote.
    ///
    /// ```
    /// use queue_core::MissedTicks;
    /// assert_eq!(MissedTicks::from_stored("once"), Some(MissedTicks::Once));
    /// assert_eq!(MissedTicks::from_stored("Once"), None);
    /// ```
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Skip, Self::Once, Self::All]
            .into_iter()
            .find(|missed| missed.as_str() == text)
    }
}

/// A job that comes again and again. Stored by name: every process of a fleet may put the same
/// schedules at its start, and each tick is fired once in all of it.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{KindName, MissedTicks, NewJob, Payload, QueueName, Schedule, ScheduleName};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let job = NewJob::new(QueueName::new("reports")?, KindName::new("close_the_day")?, Payload::json(&())?);
/// let nightly = Schedule::cron(ScheduleName::new("nightly")?, "0 3 * * *", "Europe/Berlin", job.clone())?
///     .missed(MissedTicks::Once);
/// let often = Schedule::every(ScheduleName::new("often")?, Duration::from_secs(600), job.clone())?;
/// assert_eq!((nightly.cadence().to_string(), often.cadence().to_string()),
///     ("0 3 * * * Europe/Berlin".to_owned(), "every 10m".to_owned()));
///
/// let error = Schedule::cron(ScheduleName::new("nightly")?, "0 3 * * *", "Berlin", job).unwrap_err();
/// assert_eq!(error.to_string(),
///     "`Berlin` is not a time zone: write a name of the IANA database, like Europe/Berlin or UTC");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    name: ScheduleName,
    cadence: Cadence,
    missed: MissedTicks,
    grace: Duration,
    job: NewJob,
    paused: bool,
}

impl Schedule {
    /// The job at every tick of a cadence. What would make two of its jobs one, or move them in time,
    /// is refused: the tick alone does that.
    pub fn new(
        name: ScheduleName,
        cadence: Cadence,
        mut job: NewJob,
    ) -> Result<Self, InvalidSchedule> {
        let refused = |what, instead| Err(InvalidSchedule::Template { what, instead });
        if job.idempotency.is_some() {
            return refused(
                "an idempotency key",
                "leave it out, each tick is fired once in any case",
            );
        }
        if job.subject.is_some() {
            return refused(
                "a subject",
                "leave it out, and let the job enqueue one that has it",
            );
        }
        if job.run_at != RunAt::Now {
            return refused(
                "a time to run at",
                "leave it out, the schedule says when the job comes",
            );
        }
        job.max_attempts = job.max_attempts.max(1);
        with_tick(&job.headers, Timestamp::from_micros(0)).map_err(InvalidSchedule::Headers)?;
        Ok(Self {
            name,
            cadence,
            missed: MissedTicks::default(),
            grace: DEFAULT_GRACE,
            job,
            paused: false,
        })
    }

    /// By a cron expression, read in a named time zone; see [`Cron`].
    pub fn cron(
        name: ScheduleName,
        expression: &str,
        zone: &str,
        job: NewJob,
    ) -> Result<Self, InvalidSchedule> {
        Self::new(name, Cadence::cron(expression, zone)?, job)
    }

    /// At a fixed interval; see [`Interval`].
    pub fn every(
        name: ScheduleName,
        interval: Duration,
        job: NewJob,
    ) -> Result<Self, InvalidSchedule> {
        Self::new(name, Cadence::every(interval)?, job)
    }

    /// What becomes of ticks that were missed; [`MissedTicks::Skip`] unless something else is said.
    #[must_use]
    pub fn missed(mut self, missed: MissedTicks) -> Self {
        self.missed = missed;
        self
    }

    /// How old a tick may be that [`MissedTicks::Skip`] still fires; 60 seconds unless something else
    /// is said. Give it more than the longest pause between two passes of [`fire_due`].
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = whole_micros(grace);
        self
    }

    /// Paused when it is created. A schedule that is there already stays as operators left it.
    #[must_use]
    pub fn paused(mut self) -> Self {
        self.paused = true;
        self
    }

    /// The same schedule of another job, which is checked as the first one was.
    pub(crate) fn with_job(&self, job: NewJob) -> Result<Self, InvalidSchedule> {
        let checked = Self::new(self.name.clone(), self.cadence.clone(), job)?;
        Ok(Self {
            job: checked.job,
            ..self.clone()
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &ScheduleName {
        &self.name
    }

    /// When it ticks.
    #[must_use]
    pub fn cadence(&self) -> &Cadence {
        &self.cadence
    }

    /// What becomes of missed ticks.
    #[must_use]
    pub fn missed_ticks(&self) -> MissedTicks {
        self.missed
    }

    /// How old a tick may be that is still fired, where missed ones are skipped.
    #[must_use]
    pub fn grace_period(&self) -> Duration {
        self.grace
    }

    /// The job of each tick, without its [`SCHEDULED_FOR`].
    #[must_use]
    pub fn job(&self) -> &NewJob {
        &self.job
    }

    /// Whether it rests.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// The job of one tick.
    pub(crate) fn job_at(&self, tick: Timestamp) -> NewJob {
        let mut job = self.job.clone();
        // There is room for it, or the schedule would have been refused.
        if let Ok(headers) = with_tick(&job.headers, tick) {
            job.headers = headers;
        }
        job
    }
}

fn with_tick(headers: &Headers, tick: Timestamp) -> Result<Headers, crate::InvalidHeader> {
    let mut headers = headers.clone();
    headers.insert(SCHEDULED_FOR, tick.to_string())?;
    Ok(headers)
}

/// A schedule as stored: with where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleView {
    /// What it is.
    pub schedule: Schedule,
    /// The tick that is fired next; none if none comes any more.
    pub next_tick: Option<Timestamp>,
    /// The last tick that was fired.
    pub last_tick: Option<Timestamp>,
}

/// What a store writes down: pure, so that all stores write the same.
impl ScheduleView {
    /// What putting a schedule leads to that is not there yet.
    #[must_use]
    pub fn created(schedule: &Schedule, now: Timestamp) -> Self {
        Self {
            schedule: schedule.clone(),
            next_tick: schedule.cadence.next_after(now),
            last_tick: None,
        }
    }

    /// What putting it again leads to: none if that changes nothing, as for every process but the
    /// first. A changed cadence counts from now; otherwise the next tick stays, and so does a pause.
    #[must_use]
    pub fn changed_to(&self, schedule: &Schedule, now: Timestamp) -> Option<Self> {
        let schedule = Schedule {
            paused: self.schedule.paused,
            ..schedule.clone()
        };
        if schedule == self.schedule {
            return None;
        }
        let next_tick = if schedule.cadence == self.schedule.cadence {
            self.next_tick
        } else {
            schedule.cadence.next_after(now)
        };
        Some(Self {
            schedule,
            next_tick,
            last_tick: self.last_tick,
        })
    }

    /// What pausing it or letting it go on leads to: none if it is so already. Ticks that come during
    /// a pause are wanted by nobody, and so are not missed: the next one is the first after it.
    #[must_use]
    pub fn with_pause(&self, paused: bool, now: Timestamp) -> Option<Self> {
        if self.schedule.paused == paused {
            return None;
        }
        let next_tick = if paused {
            self.next_tick
        } else {
            self.schedule.cadence.next_after(now)
        };
        Some(Self {
            schedule: Schedule {
                paused,
                ..self.schedule.clone()
            },
            next_tick,
            last_tick: self.last_tick,
        })
    }

    /// The tick that waits to be fired, if it is due.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Option<Timestamp> {
        self.next_tick
            .filter(|tick| !self.schedule.paused && *tick <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{IdempotencyKey, KindName, Payload, QueueName, Revision, Subject};

    fn job() -> NewJob {
        NewJob::new(
            QueueName::new("q").unwrap(),
            KindName::new("k").unwrap(),
            Payload::json(&1).unwrap(),
        )
    }

    fn schedule(job: NewJob) -> Result<Schedule, InvalidSchedule> {
        Schedule::every(
            ScheduleName::new("s").unwrap(),
            Duration::from_secs(60),
            job,
        )
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_template_that_would_fight_with_the_ticks_is_refused() {
        let keyed = job().idempotent(IdempotencyKey::new("a").unwrap());
        let error = schedule(keyed).unwrap_err().to_string();
        assert!(
            error.contains("has an idempotency key: leave it out"),
            "{error}"
        );
        let about = job().about(Subject::new("a").unwrap(), Revision::new(1));
        assert!(schedule(about).is_err());
        assert!(schedule(job().delay(Duration::from_secs(1))).is_err());
        let full = job().header("a", "x".repeat(crate::MAX_HEADER_BYTES - 1));
        assert!(matches!(
            schedule(full.unwrap()),
            Err(InvalidSchedule::Headers(_))
        ));
    }

    #[test]
    fn putting_the_same_again_changes_nothing() {
        let every = schedule(job()).unwrap();
        let first = ScheduleView::created(&every, at(30));
        assert_eq!(first.next_tick, Some(at(60)));
        assert_eq!(first.changed_to(&every, at(90)), None);
        // Another policy keeps the next tick, another cadence does not.
        let once = every.clone().missed(MissedTicks::Once);
        let second = first.changed_to(&once, at(90)).unwrap();
        assert_eq!(second.next_tick, Some(at(60)));
        let hourly = Schedule::cron(every.name().clone(), "@hourly", "UTC", job()).unwrap();
        let third = second.changed_to(&hourly, at(90)).unwrap();
        assert_eq!(third.next_tick, Some(at(3600)));
    }

    #[test]
    fn a_pause_outlives_a_put_and_its_ticks_are_not_missed() {
        let every = schedule(job()).unwrap().missed(MissedTicks::All);
        let first = ScheduleView::created(&every, at(0));
        let paused = first.with_pause(true, at(10)).unwrap();
        assert_eq!(paused.with_pause(true, at(11)), None);
        assert_eq!(paused.changed_to(&every, at(12)), None);
        assert_eq!(paused.due(at(1000)), None);
        let on = paused.with_pause(false, at(1000)).unwrap();
        assert_eq!(on.next_tick, Some(at(1020)));
    }

    #[test]
    fn a_policy_is_one_word() {
        for missed in [MissedTicks::Skip, MissedTicks::Once, MissedTicks::All] {
            let word = serde_json::to_string(&missed).unwrap();
            assert_eq!(word.trim_matches('"'), missed.as_str());
            assert_eq!(MissedTicks::from_stored(missed.as_str()), Some(missed));
        }
    }
}
