//! How long to wait when there is nothing to do, or nothing can be done.

use std::time::Duration;

use crate::Jitter;

/// Full jitter under a bound that doubles: who waits for the same thing does not come back together.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    most: Duration,
    bound: Duration,
}

impl Backoff {
    pub(crate) fn new(first: Duration, most: Duration) -> Self {
        Self {
            first,
            most,
            bound: first,
        }
    }

    /// For a queue that is empty.
    pub(crate) fn idle() -> Self {
        Self::new(Duration::from_millis(250), Duration::from_secs(5))
    }

    /// For a database that does not answer.
    pub(crate) fn trouble() -> Self {
        Self::new(Duration::from_millis(100), Duration::from_secs(2))
    }

    pub(crate) fn reset(&mut self) {
        self.bound = self.first;
    }

    pub(crate) fn bound(&self) -> Duration {
        self.bound
    }

    pub(crate) fn next(&mut self, jitter: Jitter) -> Duration {
        let wait = jitter.of(self.bound);
        self.bound = self.bound.saturating_mul(2).min(self.most);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_up_to_its_own_and_falls_back() {
        let mut idle = Backoff::idle();
        let mut next = || idle.next(Jitter::fixed(0.5)).as_millis();
        assert_eq!(
            [next(), next(), next(), next(), next(), next(), next()],
            [125, 250, 500, 1000, 2000, 2500, 2500]
        );
        idle.reset();
        assert_eq!(idle.next(Jitter::fixed(0.5)).as_millis(), 125);
    }
}
