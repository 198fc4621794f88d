//! Whether to begin late: only while it pays.

use std::time::{Duration, Instant};

/// What no whole walk takes that has little in its way.
const SLOW: Duration = Duration::from_millis(2);
/// What taking a job costs at most, beside the walk to it.
const A_JOB: Duration = Duration::from_micros(20);
/// So many must agree before anything is concluded from them.
const SAMPLE: usize = 8;
/// A whole walk is due after so many times what the last one took: they are one of a hundred parts of the time.
const SELDOM: u32 = 100;
/// And after this long in any case: so late a job may be found that was passed by.
const AT_THE_LATEST: Duration = Duration::from_secs(5);
/// Where beginning late does not halve the time, something else is slow, the network say: not again for so long.
const VAIN_FOR: Duration = Duration::from_secs(60);

/// How long walks took, and what follows from it.
#[derive(Debug, Default)]
pub(super) struct Pace {
    whole: Recent,
    late: Recent,
    whole_again: Option<Instant>,
    vain_until: Option<Instant>,
}

impl Pace {
    /// Whether whole walks are slow, and late ones not known to be as slow.
    pub(super) fn is_slow(&self, now: Instant) -> bool {
        !is_before(now, self.vain_until) && self.whole.least().is_some_and(|least| least > SLOW)
    }

    pub(super) fn begins_late(&self, now: Instant) -> bool {
        self.is_slow(now) && is_before(now, self.whole_again)
    }

    /// What took so long, and brought so many jobs.
    pub(super) fn learn(&mut self, was_late: bool, now: Instant, took: Duration, jobs: usize) {
        let jobs = u32::try_from(jobs).unwrap_or(u32::MAX);
        let took = took.saturating_sub(A_JOB.saturating_mul(jobs));
        if was_late {
            self.late.push(took);
        } else {
            self.whole.push(took);
            self.whole_again = Some(now + (took * SELDOM).min(AT_THE_LATEST));
        }
        let both = self.late.least().zip(self.whole.least());
        if both.is_some_and(|(late, whole)| late * 2 > whole) {
            self.leave_alone(now);
        }
    }

    /// Whole walks only, for a while.
    pub(super) fn leave_alone(&mut self, now: Instant) {
        *self = Self {
            vain_until: Some(now + VAIN_FOR),
            ..Self::default()
        };
    }
}

fn is_before(now: Instant, end: Option<Instant>) -> bool {
    end.is_some_and(|end| now < end)
}

/// The last few.
#[derive(Debug, Default)]
struct Recent {
    took: [Duration; SAMPLE],
    count: usize,
}

impl Recent {
    fn push(&mut self, took: Duration) {
        if let Some(slot) = self.took.get_mut(self.count % SAMPLE) {
            *slot = took;
        }
        self.count += 1;
    }

    /// The shortest, if there are enough of them: one that had to wait says nothing.
    fn least(&self) -> Option<Duration> {
        (self.count >= SAMPLE)
            .then(|| self.took.iter().min().copied())
            .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn after(whole: Duration) -> (Pace, Instant) {
        let (mut pace, now) = (Pace::default(), Instant::now());
        for _ in 0..SAMPLE {
            pace.learn(false, now, whole, 0);
        }
        (pace, now)
    }

    #[test]
    fn a_quick_walk_is_always_a_whole_one() {
        let (pace, now) = after(SLOW);
        assert!(!pace.begins_late(now));
    }

    #[test]
    fn a_claim_of_many_jobs_may_take_long() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        for _ in 0..SAMPLE {
            pace.learn(false, now, ms(11), 500);
        }
        assert!(!pace.begins_late(now));
    }

    #[test]
    fn one_slow_walk_among_quick_ones_says_nothing() {
        let (mut pace, now) = after(SLOW);
        for _ in 1..SAMPLE {
            pace.learn(false, now, ms(90), 0);
        }
        assert!(!pace.begins_late(now));
        pace.learn(false, now, ms(90), 0);
        assert!(pace.begins_late(now));
    }

    #[test]
    fn the_whole_way_is_walked_now_and_then() {
        let (mut pace, now) = after(ms(20));
        assert!(pace.begins_late(now + ms(1_999)));
        assert!(!pace.begins_late(now + ms(2_000)));
        pace.learn(false, now, ms(900), 0);
        assert!(!pace.begins_late(now + AT_THE_LATEST));
    }

    #[test]
    fn when_the_way_is_free_again_it_is_walked() {
        let (mut pace, now) = after(ms(20));
        pace.learn(false, now, SLOW, 0);
        assert!(!pace.begins_late(now));
    }

    #[test]
    fn what_does_not_help_is_left_alone_for_a_while() {
        let (mut pace, now) = after(ms(20));
        for _ in 0..SAMPLE {
            assert!(pace.begins_late(now));
            pace.learn(true, now, ms(15), 0);
        }
        for _ in 0..SAMPLE {
            pace.learn(false, now, ms(20), 0);
        }
        assert!(!pace.begins_late(now));
        let later = now + VAIN_FOR;
        pace.learn(false, later, ms(20), 0);
        assert!(pace.begins_late(later));
    }
}
