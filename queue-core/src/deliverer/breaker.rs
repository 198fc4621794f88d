//! A channel takes a break when the far side fails again and again.

use std::time::Instant;

use super::ruling::Health;
use crate::backoff::Backoff;
use crate::{BreakerPolicy, Jitter};

/// Counts failures in a row, and says how much may be tried.
#[derive(Debug)]
pub(crate) struct Breaker {
    policy: BreakerPolicy,
    failures: u32,
    breaks: Backoff,
    until: Option<Instant>,
}

impl Breaker {
    pub(crate) fn new(policy: BreakerPolicy) -> Self {
        Self {
            policy,
            failures: 0,
            breaks: Backoff::new(policy.first, policy.most),
            until: None,
        }
    }

    /// Takes note of an attempt; `true` if a break begins with it.
    pub(crate) fn note(&mut self, health: Health, now: Instant, jitter: Jitter) -> bool {
        match health {
            Health::Unknown => false,
            Health::Well => {
                self.failures = 0;
                self.until = None;
                self.breaks.reset();
                false
            }
            Health::Ill => {
                self.failures = self.failures.saturating_add(1);
                // Those that were under way when the break began do not make it longer.
                if self.failures < self.policy.failures || self.until.is_some_and(|end| end > now) {
                    return false;
                }
                // At least half of it: a break of nothing is none.
                let bound = self.breaks.bound();
                self.until = Some(now + bound / 2 + self.breaks.next(jitter) / 2);
                true
            }
        }
    }

    /// Until when nothing is tried.
    pub(crate) fn open_until(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|until| *until > now)
    }

    /// How many may be tried at a time: one, after a break, until it is well again.
    pub(crate) fn allows(&self, wanted: usize) -> usize {
        if self.until.is_some() {
            wanted.min(1)
        } else {
            wanted
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_opens_tries_one_and_closes() {
        let policy = BreakerPolicy {
            failures: 3,
            first: Duration::from_secs(2),
            most: Duration::from_secs(60),
        };
        let mut breaker = Breaker::new(policy);
        let (now, half) = (Instant::now(), Jitter::fixed(0.5));
        let opened = [0; 3].map(|_| breaker.note(Health::Ill, now, half));
        assert_eq!(opened, [false, false, true]);
        let end = breaker.open_until(now).unwrap();
        assert!(end - now >= Duration::from_secs(1));
        assert!(!breaker.note(Health::Ill, now, half), "a straggler");
        assert!(breaker.open_until(end).is_none());
        assert_eq!(breaker.allows(16), 1);
        assert!(
            breaker.note(Health::Ill, end, half),
            "the one that was tried"
        );
        let next = breaker.open_until(end).unwrap();
        assert!(next - end > end - now, "each break is longer");
        breaker.note(Health::Well, next, half);
        assert_eq!((breaker.open_until(next), breaker.allows(16)), (None, 16));
        let again = [0; 3].map(|_| breaker.note(Health::Ill, next, half));
        assert_eq!(again, [false, false, true]);
    }
}
