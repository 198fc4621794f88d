//! What a far side can do for us: the data that reconciling is driven by.

use std::time::Duration;

/// Whether the same key sent twice is taken once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotence {
    /// It is taken twice.
    None,
    /// For so long after it came first, it is taken once.
    For(Duration),
    /// It is taken once, however late it comes again.
    Always,
}

impl Idempotence {
    /// Whether a key that came first `age` ago is still known.
    ///
    /// ```
    /// use std::time::Duration;
    /// use queue_core::channel::Idempotence;
    /// let day = Duration::from_secs(24 * 3600);
    /// assert!(Idempotence::For(day).holds_after(day / 2));
    /// assert!(!Idempotence::For(day).holds_after(day));
    /// assert!(!Idempotence::None.holds_after(Duration::ZERO));
    /// ```
    #[must_use]
    pub fn holds_after(self, age: Duration) -> bool {
        match self {
            Self::None => false,
            Self::For(window) => age < window,
            Self::Always => true,
        }
    }
}

/// What a channel's far side can do for us.
///
/// ```
/// use std::time::Duration;
/// use queue_core::channel::{Capabilities, Idempotence};
/// let provider = Capabilities::none()
///     .idempotent(Idempotence::For(Duration::from_secs(24 * 3600)))
///     .lookup_after(Duration::from_secs(30));
/// assert_eq!(provider.lookup, Some(Duration::from_secs(30)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Whether the same key sent twice is taken once.
    pub idempotence: Idempotence,
    /// It can be asked whether it has a message, and knows each at the latest so long after it took it.
    pub lookup: Option<Duration>,
    /// Whether a message that was taken has reached its recipient.
    pub accepted_is_delivered: bool,
}

impl Capabilities {
    /// It takes messages, and can do nothing else.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            idempotence: Idempotence::None,
            lookup: None,
            accepted_is_delivered: false,
        }
    }

    /// The same key sent twice is taken once.
    #[must_use]
    pub const fn idempotent(mut self, idempotence: Idempotence) -> Self {
        self.idempotence = idempotence;
        self
    }

    /// It can be asked for a message, `lag` after it took it at the latest.
    #[must_use]
    pub const fn lookup_after(mut self, lag: Duration) -> Self {
        self.lookup = Some(lag);
        self
    }

    /// What it took has reached its recipient.
    #[must_use]
    pub const fn accepted_is_delivered(mut self) -> Self {
        self.accepted_is_delivered = true;
        self
    }
}
