//! How often and when to try again. Pure: the randomness comes in from outside.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A number drawn from `[0, 1)`, handed to decisions so that they stay pure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Jitter(f64);

impl Jitter {
    /// Draws one.
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random::<f64>())
    }

    /// A chosen one, for tests; clamped into `[0, 1)`.
    #[must_use]
    pub fn fixed(value: f64) -> Self {
        Self(if value.is_finite() {
            value.clamp(0.0, 1.0 - f64::EPSILON)
        } else {
            0.0
        })
    }

    /// A share of a duration.
    #[must_use]
    pub fn of(self, bound: Duration) -> Duration {
        bound.mul_f64(self.0)
    }
}

/// The retry policy of a queue or kind.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{Jitter, RetryPolicy};
/// let policy = RetryPolicy::default();
/// assert_eq!(policy.delay(1, None, Jitter::fixed(0.5)), Duration::from_millis(500));
/// assert_eq!(policy.delay(4, None, Jitter::fixed(0.5)), Duration::from_secs(4));
/// // Retry-After wins when it is longer, up to the policy's bound.
/// let asked = Some(Duration::from_secs(3600));
/// assert_eq!(policy.delay(1, asked, Jitter::fixed(0.5)), Duration::from_secs(300));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetryPolicy {
    /// The bound of the first delay; it doubles with each attempt.
    pub base: Duration,
    /// The bound that the doubling stops at.
    pub cap: Duration,
    /// The longest Retry-After that is honoured.
    pub retry_after_cap: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            base: Duration::from_secs(1),
            cap: Duration::from_secs(60),
            retry_after_cap: Duration::from_secs(300),
        }
    }
}

impl RetryPolicy {
    /// Full jitter: anywhere between zero and `min(cap, base · 2^(attempt − 1))`, so that clients
    /// that failed together do not come back together.
    #[must_use]
    pub fn delay(&self, attempt: u16, retry_after: Option<Duration>, jitter: Jitter) -> Duration {
        let doubled = 2u32.saturating_pow(u32::from(attempt.saturating_sub(1)));
        let bound = self.base.saturating_mul(doubled).min(self.cap);
        let drawn = jitter.of(bound);
        retry_after.map_or(drawn, |asked| drawn.max(asked.min(self.retry_after_cap)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_delay_stays_inside_its_bounds(attempt in 1u16.., asked in proptest::option::of(0u64..10_000), draw in 0.0f64..1.0) {
            let policy = RetryPolicy::default();
            let asked = asked.map(Duration::from_secs);
            let delay = policy.delay(attempt, asked, Jitter::fixed(draw));
            prop_assert!(delay <= policy.cap.max(policy.retry_after_cap));
            if let Some(asked) = asked {
                prop_assert!(delay >= asked.min(policy.retry_after_cap));
            } else {
                prop_assert!(delay <= policy.cap);
            }
        }
    }

    #[test]
    fn jitter_never_reaches_one_and_survives_nonsense() {
        for value in [-1.0, 0.0, 1.0, 2.0, f64::NAN, f64::INFINITY] {
            let Jitter(inside) = Jitter::fixed(value);
            assert!((0.0..1.0).contains(&inside));
        }
    }
}
