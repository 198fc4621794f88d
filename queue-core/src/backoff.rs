//! How long to wait when there is nothing to do, or nothing can be done.

use std::time::Duration;

use crate::Jitter;

/// Full jitter under a bound that doubles: who waits for the same thing does not come back together.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{Backoff, Jitter};
/// let mut trouble = Backoff::trouble();
/// assert_eq!(trouble.next(Jitter::fixed(0.5)), Duration::from_millis(50));
/// assert_eq!(trouble.next(Jitter::fixed(0.5)), Duration::from_millis(100));
/// trouble.reset();
/// assert_eq!(trouble.bound(), Duration::from_millis(100));
/// ```
#[derive(Debug)]
pub struct Backoff {
    first: Duration,
    most: Duration,
    bound: Duration,
}

impl Backoff {
    /// From one bound to another.
    #[must_use]
    pub fn new(first: Duration, most: Duration) -> Self {
        Self {
            first,
            most,
            bound: first,
        }
    }

    /// For a queue that is empty.
    #[must_use]
    pub fn idle() -> Self {
        Self::new(Duration::from_millis(250), Duration::from_secs(5))
    }

    /// For a database that does not answer.
    #[must_use]
    pub fn trouble() -> Self {
        Self::new(Duration::from_millis(100), Duration::from_secs(2))
    }

    /// Begins anew, since something was done.
    pub fn reset(&mut self) {
        self.bound = self.first;
    }

    /// The longest that the next wait may be.
    #[must_use]
    pub fn bound(&self) -> Duration {
        self.bound
    }

    /// How long to wait now; the next wait may be twice as long.
    pub fn next(&mut self, jitter: Jitter) -> Duration {
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
