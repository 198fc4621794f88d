//! One channel as this process serves it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::beat::Beat;
use super::breaker::Breaker;
use super::ruling::Health;
use crate::channel::{Capabilities, Channel};
use crate::{Bucket, ChannelName, ChannelPolicy, Jitter, RateLimit, Timestamp};

/// A channel with its policy, its breaker and its rate.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) name: ChannelName,
    pub(crate) channel: Arc<dyn Channel>,
    pub(crate) capabilities: Capabilities,
    pub(crate) policy: ChannelPolicy,
    breaker: Mutex<Breaker>,
    pace: Option<Mutex<Pace>>,
    /// The provider takes nothing from us: what is leased goes back.
    refused: AtomicBool,
    /// As the store said last.
    paused: AtomicBool,
    /// Of the loop that leases its rows, and of the one that takes up its doubts.
    pub(crate) serving: Beat,
    pub(crate) reconciling: Beat,
}

/// The permits of a rate, by this process's own clock: what counts is time that passes.
#[derive(Debug)]
struct Pace {
    limit: RateLimit,
    begun: Instant,
    bucket: Bucket,
}

impl Pace {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(0) + self.begun.elapsed()
    }
}

/// How many sends may begin, or when to ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    For(usize),
    /// The rate is used up.
    Later(Duration),
    /// The channel takes a break.
    Break(Duration),
}

impl Lane {
    pub(crate) fn new(name: ChannelName, channel: Arc<dyn Channel>, policy: ChannelPolicy) -> Self {
        let pace = policy.rate.map(|limit| {
            let bucket = Bucket::full(&limit, Timestamp::from_micros(0));
            let begun = Instant::now();
            Mutex::new(Pace {
                limit,
                begun,
                bucket,
            })
        });
        Self {
            name,
            capabilities: channel.capabilities(),
            channel,
            breaker: Mutex::new(Breaker::new(policy.breaker)),
            pace,
            refused: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            serving: Beat::default(),
            reconciling: Beat::default(),
            policy,
        }
    }

    /// How many more may begin beside those that are under way.
    pub(crate) fn room(&self, under_way: usize) -> Room {
        let now = Instant::now();
        let breaker = lock(&self.breaker);
        if let Some(until) = breaker.open_until(now) {
            return Room::Break(until - now);
        }
        let free = breaker
            .allows(self.policy.concurrency)
            .saturating_sub(under_way);
        drop(breaker);
        let Some(pace) = &self.pace else {
            return Room::For(free);
        };
        let mut pace = lock(pace);
        pace.bucket = pace.bucket.refilled(&pace.limit, pace.now());
        match pace.bucket.permits() {
            0 => Room::Later(pace.limit.per() / pace.limit.permits().max(1)),
            permits => Room::For(free.min(permits as usize)),
        }
    }

    /// The provider takes nothing from us.
    pub(crate) fn refuse(&self) {
        self.refused.store(true, Ordering::Release);
    }

    /// Whether that was said since the last time.
    pub(crate) fn was_refused(&self) -> bool {
        self.refused.swap(false, Ordering::AcqRel)
    }

    /// Whether it is paused, as the store says.
    pub(crate) fn see_paused(&self, paused: bool) {
        self.paused.store(paused, Ordering::Relaxed);
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    /// How long its break lasts still.
    pub(crate) fn takes_a_break(&self) -> Option<Duration> {
        let now = Instant::now();
        lock(&self.breaker).open_until(now).map(|until| until - now)
    }

    /// A send begins.
    pub(crate) fn begin(&self) {
        if let Some(pace) = &self.pace {
            let mut pace = lock(pace);
            pace.bucket = pace.bucket.less(1);
        }
    }

    /// What a send says about the far side.
    pub(crate) fn note(&self, health: Health) {
        if lock(&self.breaker).note(health, Instant::now(), Jitter::random()) {
            tracing::warn!(channel = %self.name, "the far side fails again and again: the channel takes a break");
            metrics::counter!("leasehold_channel_breaks_total", "channel" => self.name.to_string())
                .increment(1);
        }
    }

    /// So many rows are leased ahead of those that are being sent, so that one lease serves many.
    /// None while it is the rate that holds sends back, or one is tried after a break.
    pub(crate) fn ahead(&self) -> usize {
        if self.pace.is_some() || lock(&self.breaker).allows(2) < 2 {
            return 0;
        }
        self.policy.concurrency.saturating_mul(3).min(1000)
    }
}

/// A panic while a lock was held is a bug that has been reported already.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
