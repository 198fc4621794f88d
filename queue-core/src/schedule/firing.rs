//! Firing what is due: read, plan, compare and set.

use std::time::Duration;

use super::{MissedTicks, Schedule, ScheduleView};
use crate::{Code, Enqueued, MAX_ENQUEUE_BYTES, NewJob, ScheduleStore, StoreError, Timestamp};

/// The most ticks of one schedule that are fired in one transaction.
pub const MAX_TICKS: usize = 100;

/// Ticks of a schedule that are to be fired, and where it stands afterwards. A store compares with
/// what is stored, and sets and enqueues both or neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    planned: ScheduleView,
    ticks: Vec<Timestamp>,
    next_tick: Option<Timestamp>,
    skipped: bool,
}

impl Firing {
    /// Which schedule.
    #[must_use]
    pub fn schedule(&self) -> &Schedule {
        &self.planned.schedule
    }

    /// Whether it was planned for what is stored now. If not, somebody fired, changed or paused the
    /// schedule in between.
    #[must_use]
    pub fn applies_to(&self, stored: &ScheduleView) -> bool {
        self.planned == *stored
    }

    /// The ticks that become jobs, first to last; none if all that were missed are skipped.
    #[must_use]
    pub fn ticks(&self) -> &[Timestamp] {
        &self.ticks
    }

    /// Whether a tick is dropped, since it is older than the schedule lets pass.
    #[must_use]
    pub fn skips(&self) -> bool {
        self.skipped
    }

    /// The next tick to be stored.
    #[must_use]
    pub fn next_tick(&self) -> Option<Timestamp> {
        self.next_tick
    }

    /// The last tick to be stored.
    #[must_use]
    pub fn last_tick(&self) -> Option<Timestamp> {
        self.ticks.last().copied().or(self.planned.last_tick)
    }

    /// The jobs to be enqueued, one for each tick.
    #[must_use]
    pub fn jobs(&self) -> Vec<NewJob> {
        let schedule = self.schedule();
        self.ticks
            .iter()
            .map(|tick| schedule.job_at(*tick))
            .collect()
    }
}

/// What became of a firing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fired {
    /// The jobs are enqueued, in the order of their ticks.
    Applied(Vec<Enqueued>),
    /// Somebody else fired these ticks, or the schedule was changed, paused or removed; nothing was
    /// changed.
    Overtaken,
}

impl Fired {
    /// A stable reason code: whether the jobs came from this firing.
    ///
    /// ```
    /// assert_eq!(queue_core::Fired::Overtaken.code(), "overtaken");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Applied(_) => Code::Applied.as_str(),
            Self::Overtaken => Code::Overtaken.as_str(),
        }
    }
}

/// What is to be fired of a schedule now, if anything is due.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{MissedTicks, Schedule, ScheduleView, Timestamp, plan};
/// # use queue_core::{KindName, NewJob, Payload, QueueName, ScheduleName};
/// # let job = NewJob::new(QueueName::new("q").unwrap(), KindName::new("k").unwrap(), Payload::json(&1).unwrap());
/// # let name = ScheduleName::new("s").unwrap();
/// let start = Timestamp::from_micros(1_700_000_000_000_000); // 22:13:20
/// let hourly = Schedule::every(name, Duration::from_secs(3600), job).unwrap().missed(MissedTicks::Once);
/// let stored = ScheduleView::created(&hourly, start);
/// assert_eq!(plan(&stored, start), None);
/// let firing = plan(&stored, start + Duration::from_secs(3 * 3600)).unwrap();
/// assert_eq!(firing.ticks().len(), 1);
/// assert_eq!(firing.jobs()[0].headers.get("scheduled_for"), Some("2023-11-15T01:00:00.000000Z"));
/// ```
#[must_use]
pub fn plan(stored: &ScheduleView, now: Timestamp) -> Option<Firing> {
    let first = stored.due(now)?;
    let Schedule {
        cadence,
        missed,
        grace,
        job,
        ..
    } = &stored.schedule;
    let (ticks, last) = match missed {
        MissedTicks::All => {
            // No more bytes than one batch may bring, and one job in any case.
            let fit = MAX_ENQUEUE_BYTES / job.payload.bytes().len().max(1);
            let mut ticks = vec![first];
            let mut last = first;
            while ticks.len() < MAX_TICKS.min(fit)
                && let Some(next) = cadence.next_after(last).filter(|next| *next <= now)
            {
                ticks.push(next);
                last = next;
            }
            (ticks, last)
        }
        MissedTicks::Once => {
            let last = cadence.latest(first, now);
            (vec![last], last)
        }
        MissedTicks::Skip => {
            let last = cadence.latest(first, now);
            let in_time = now.since(last) <= *grace;
            (in_time.then_some(last).into_iter().collect(), last)
        }
    };
    Some(Firing {
        planned: stored.clone(),
        skipped: *missed == MissedTicks::Skip && ticks.first() != Some(&first),
        next_tick: cadence.next_after(last),
        ticks,
    })
}

/// What one pass fired, and when the next is to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FiredDue {
    /// Jobs that were enqueued.
    pub jobs: usize,
    /// Schedules that dropped ticks which were older than their grace.
    pub skipped: usize,
    /// Schedules that somebody else fired or changed in between.
    pub overtaken: usize,
    /// Schedules that the store refused to fire. They are logged, and are tried again with the next pass.
    pub failed: usize,
    /// The database's now, as of the beginning.
    pub now: Timestamp,
    /// The next tick of any schedule that is not paused.
    pub next_tick: Option<Timestamp>,
}

impl FiredDue {
    /// How long to sleep until the next tick: nothing if there is more to fire, and none if no
    /// schedule ticks. Somebody may put a schedule in the meantime: do not sleep for long.
    #[must_use]
    pub fn sleep(&self) -> Option<Duration> {
        self.next_tick.map(|tick| tick.since(self.now))
    }
}

/// Fires what is due by the database's clock. Any number of processes may do so at once: each tick is
/// fired by one of them, and the others find it overtaken.
///
/// ```
/// use std::time::Duration;
/// use queue_core::memory::MemoryStore;
/// use queue_core::{Act, Actor, Clock, ManualClock, Schedule, ScheduleName, ScheduleStore, fire_due};
/// # use queue_core::{KindName, NewJob, Payload, QueueName};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = ManualClock::default();
/// let store = MemoryStore::with_clock(Clock::Manual(clock.clone()));
/// # let job = NewJob::new(QueueName::new("q")?, KindName::new("k")?, Payload::json(&1)?);
/// let hourly = Schedule::every(ScheduleName::new("hourly")?, Duration::from_secs(3600), job)?;
/// store.put_schedule(&hourly, &Act::new(Actor::new("reports")?, "start of the service")).await?;
///
/// let sleep = fire_due(&store).await?.sleep().ok_or("it ticks")?;
/// clock.advance(sleep);
/// assert_eq!(fire_due(&store).await?.jobs, 1);
/// assert_eq!(fire_due(&store).await?.jobs, 0, "each tick is fired once");
/// # Ok(())
/// # }
/// ```
pub async fn fire_due<S>(store: &S) -> Result<FiredDue, StoreError>
where
    S: ScheduleStore + crate::JobStore + ?Sized,
{
    let now = store.now().await?;
    let mut pass = FiredDue {
        jobs: 0,
        skipped: 0,
        overtaken: 0,
        failed: 0,
        now,
        next_tick: None,
    };
    for stored in store.schedules().await? {
        let mut next_tick = stored.next_tick.filter(|_| !stored.schedule.is_paused());
        if let Some(firing) = plan(&stored, now) {
            next_tick = firing.next_tick();
            let (skips, schedule) = (firing.skips(), stored.schedule.name());
            match store.fire(firing).await {
                Ok(Fired::Applied(enqueued)) => {
                    pass.jobs += enqueued.len();
                    if skips {
                        pass.skipped += 1;
                        tracing::warn!(%schedule, since = ?stored.next_tick, "ticks were missed and are skipped");
                    }
                }
                Ok(Fired::Overtaken) => pass.overtaken += 1,
                Err(error) if error.is_transient() => return Err(error),
                // One that cannot be fired keeps none of the others from their ticks.
                Err(error) => {
                    pass.failed += 1;
                    let code = error.catalogued().as_str();
                    tracing::error!(%schedule, code, %error, "a schedule cannot be fired; the others are");
                }
            }
        }
        pass.next_tick = pass.next_tick.into_iter().chain(next_tick).min();
    }
    Ok(pass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KindName, Payload, QueueName, ScheduleName};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    /// Put at 0, ticks every minute.
    fn stored(missed: MissedTicks) -> ScheduleView {
        let job = NewJob::new(
            QueueName::new("q").unwrap(),
            KindName::new("k").unwrap(),
            Payload::json(&1).unwrap(),
        );
        let name = ScheduleName::new("s").unwrap();
        let every = Schedule::every(name, Duration::from_secs(60), job).unwrap();
        ScheduleView::created(&every.missed(missed), at(0))
    }

    #[test]
    fn nothing_is_planned_before_its_time() {
        for missed in [MissedTicks::Skip, MissedTicks::Once, MissedTicks::All] {
            assert_eq!(plan(&stored(missed), at(59)), None);
            let firing = plan(&stored(missed), at(60)).unwrap();
            assert_eq!(
                (firing.ticks(), firing.next_tick()),
                (&[at(60)][..], Some(at(120)))
            );
            assert!(!firing.skips());
        }
    }

    #[test]
    fn skip_fires_the_latest_while_it_is_fresh() {
        let mut view = stored(MissedTicks::Skip);
        let firing = plan(&view, at(1000)).unwrap();
        assert_eq!(
            (firing.ticks(), firing.next_tick()),
            (&[at(960)][..], Some(at(1020)))
        );
        assert!(firing.skips());
        view.schedule = view.schedule.grace(Duration::from_secs(39));
        view.last_tick = Some(at(0));
        let firing = plan(&view, at(1000)).unwrap();
        assert_eq!(
            (firing.ticks(), firing.next_tick()),
            (&[][..], Some(at(1020)))
        );
        assert_eq!((firing.skips(), firing.last_tick()), (true, Some(at(0))));
        view.schedule = view.schedule.grace(Duration::from_secs(40));
        assert_eq!(plan(&view, at(1000)).unwrap().ticks(), [at(960)]);
    }

    #[test]
    fn once_fires_one_for_all() {
        let firing = plan(&stored(MissedTicks::Once), at(1_000_000_000)).unwrap();
        assert_eq!(firing.ticks(), [at(999_999_960)]);
        assert_eq!(firing.next_tick(), Some(at(1_000_000_020)));
        assert!(!firing.skips());
    }

    #[test]
    fn all_fires_each_and_leaves_the_rest_to_the_next_pass() {
        let firing = plan(&stored(MissedTicks::All), at(200)).unwrap();
        assert_eq!(firing.ticks(), [at(60), at(120), at(180)]);
        let firing = plan(&stored(MissedTicks::All), at(60 * 150)).unwrap();
        assert_eq!(firing.ticks().len(), MAX_TICKS);
        assert_eq!(firing.next_tick(), Some(at(60 * 101)));
    }

    #[test]
    fn many_large_jobs_are_fired_in_several_passes() {
        let mut view = stored(MissedTicks::All);
        let half = vec![0; MAX_ENQUEUE_BYTES / 2];
        view.schedule.job.payload = Payload::stored(half, "image/png", 1);
        assert_eq!(plan(&view, at(1000)).unwrap().ticks().len(), 2);
        let more = vec![0; MAX_ENQUEUE_BYTES + 1];
        view.schedule.job.payload = Payload::stored(more, "image/png", 1);
        assert_eq!(plan(&view, at(1000)).unwrap().ticks().len(), 1);
    }
}
