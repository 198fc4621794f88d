//! What a channel may do: how much at once, how often again, and what becomes of a doubt.

use std::time::Duration;

use crate::{RateLimit, RetryPolicy, SuppressFor};

/// What becomes of a row in doubt that nobody can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DoubtPolicy {
    /// It stays, until an operator gives a verdict.
    #[default]
    Hold,
    /// It is sent again: the recipient may get it twice.
    Resend,
}

/// When a channel takes a break: it would only fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerPolicy {
    /// After so many failures of the far side in a row.
    pub failures: u32,
    /// The first break; each further one is twice as long, with jitter.
    pub first: Duration,
    /// The longest break.
    pub most: Duration,
}

impl Default for BreakerPolicy {
    fn default() -> Self {
        Self {
            failures: 10,
            first: Duration::from_secs(1),
            most: Duration::from_secs(60),
        }
    }
}

/// What a channel may do.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{ChannelPolicy, DoubtPolicy};
/// let newsletter = ChannelPolicy {
///     concurrency: 4,
///     doubt: DoubtPolicy::Resend, // better twice than never
///     ..ChannelPolicy::default()
/// };
/// assert_eq!(newsletter.max_attempts, 30);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelPolicy {
    /// So many sends at a time, in each process.
    pub concurrency: usize,
    /// So many sends per time, in each process.
    pub rate: Option<RateLimit>,
    /// When a message that was not taken is tried again. Retry-After is honoured up to its bound.
    pub retry: RetryPolicy,
    /// How often a message is tried, the first attempt included; then it has failed.
    pub max_attempts: u16,
    /// What becomes of a row in doubt that nobody can be asked about.
    pub doubt: DoubtPolicy,
    /// Whether a far side that can be asked is asked about each message once more after it took it: so
    /// that a mark without a message does not stay unseen. It costs a lookup for each.
    pub verify: bool,
    /// When the channel takes a break.
    pub breaker: BreakerPolicy,
    /// For how long a recipient that does not exist gets nothing more.
    pub suppress_for: SuppressFor,
    /// How long a row is held without a sign of life from this process.
    pub lease: Duration,
    /// How long one send may take in all. A channel's own limits are shorter; what runs into this one
    /// after it was committed is in doubt.
    pub longest_send: Duration,
}

impl Default for ChannelPolicy {
    fn default() -> Self {
        Self {
            concurrency: 16,
            rate: None,
            retry: RetryPolicy {
                base: Duration::from_secs(5),
                cap: Duration::from_secs(3600),
                retry_after_cap: Duration::from_secs(3600),
            },
            max_attempts: 30,
            doubt: DoubtPolicy::default(),
            verify: true,
            breaker: BreakerPolicy::default(),
            suppress_for: SuppressFor::Ever,
            lease: Duration::from_secs(60),
            longest_send: Duration::from_secs(20 * 60),
        }
    }
}
