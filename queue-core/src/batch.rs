//! Batches parsed once, here, so that no store has to think about duplicates, sizes or nonsense.

use std::collections::HashSet;
use std::hash::Hash;

use crate::Code;

/// The most jobs one enqueue takes.
pub const MAX_ENQUEUE: usize = 10_000;
/// The most bytes of payload one batch brings.
pub const MAX_ENQUEUE_BYTES: usize = 64 * 1024 * 1024;
/// The most jobs one claim hands out, and the most items of any other batch.
pub const MAX_BATCH: usize = 10_000;
/// The most rows of one page.
pub const MAX_PAGE: u32 = 10_000;

/// Why a batch was refused before any store saw it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBatch {
    /// Nothing in it.
    #[error("the batch is empty: pass at least one item")]
    Empty,
    /// Too many items.
    #[error("the batch has {size} items, the limit is {limit}: split it")]
    TooLarge {
        /// How many.
        size: usize,
        /// How many at most.
        limit: usize,
    },
    /// Too many bytes.
    #[error("the batch has {size} bytes of payload, the limit is {limit}: split it")]
    TooManyBytes {
        /// How many.
        size: usize,
        /// How many at most.
        limit: usize,
    },
    /// What is to follow from the settlements is too much for one transaction.
    #[error(
        "the settlements bring {size} {what}, the limit is {limit}: settle fewer jobs at once, or let \
         a follow-up job bring the rest"
    )]
    TooManyEffects {
        /// Follow-up jobs or notifications.
        what: &'static str,
        /// How many.
        size: usize,
        /// How many at most.
        limit: usize,
    },
    /// The same thing twice: the second write would act on what the first one changed.
    #[error("{what} {id} is in the batch twice: pass it once")]
    Repeated {
        /// What sort of thing.
        what: &'static str,
        /// Which.
        id: String,
    },
    /// A report on a job whose lease is not renewed with it.
    #[error("there is a report on job {0} and no lease on it in the batch: pass both")]
    ReportWithoutLease(crate::JobId),
    /// A row in doubt, or marked as sent, cannot end so.
    #[error(
        "notification {0} cannot end so: a row in doubt ends as Sent or Retry or stays InDoubt, one \
         marked as sent is confirmed as Sent or falls InDoubt"
    )]
    IllegalDelivery(crate::NotificationId),
    /// A duration that makes no sense for a lease.
    #[error("a lease of {0:?} is not possible: choose from 100ms to 24h")]
    LeaseDuration(std::time::Duration),
    /// A number that must not be zero or too large.
    #[error("{what} is {value}: choose from {min} to {max}")]
    OutOfRange {
        /// Which number.
        what: &'static str,
        /// What was given.
        value: u64,
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
}

impl InvalidBatch {
    /// A stable reason code: what is wrong with the batch.
    ///
    /// ```
    /// use queue_core::InvalidBatch;
    /// assert_eq!(InvalidBatch::Empty.code(), "empty");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => Code::Empty.as_str(),
            Self::TooLarge { .. } => Code::TooLarge.as_str(),
            Self::TooManyBytes { .. } => Code::TooManyBytes.as_str(),
            Self::TooManyEffects { .. } => Code::TooManyEffects.as_str(),
            Self::Repeated { .. } => Code::Repeated.as_str(),
            Self::ReportWithoutLease(_) => Code::ReportWithoutLease.as_str(),
            Self::IllegalDelivery(_) => Code::IllegalDelivery.as_str(),
            Self::LeaseDuration(_) => Code::LeaseDuration.as_str(),
            Self::OutOfRange { .. } => Code::OutOfRange.as_str(),
        }
    }
}

pub(crate) fn check_size(size: usize, limit: usize) -> Result<(), InvalidBatch> {
    match size {
        0 => Err(InvalidBatch::Empty),
        size if size > limit => Err(InvalidBatch::TooLarge { size, limit }),
        _ => Ok(()),
    }
}

pub(crate) fn check_bytes<'p>(
    payloads: impl Iterator<Item = &'p crate::Payload>,
) -> Result<(), InvalidBatch> {
    let size = payloads.map(|payload| payload.bytes().len()).sum();
    if size > MAX_ENQUEUE_BYTES {
        return Err(InvalidBatch::TooManyBytes {
            size,
            limit: MAX_ENQUEUE_BYTES,
        });
    }
    Ok(())
}

pub(crate) fn check_unique<T, K: Hash + Eq + ToString>(
    what: &'static str,
    items: &[T],
    key: impl Fn(&T) -> K,
) -> Result<(), InvalidBatch> {
    let mut seen = HashSet::with_capacity(items.len());
    for item in items {
        let key = key(item);
        let shown = key.to_string();
        if !seen.insert(key) {
            return Err(InvalidBatch::Repeated { what, id: shown });
        }
    }
    Ok(())
}

pub(crate) fn check_lease(lease: std::time::Duration) -> Result<(), InvalidBatch> {
    use std::time::Duration;
    if (Duration::from_millis(100)..=Duration::from_secs(24 * 3600)).contains(&lease) {
        Ok(())
    } else {
        Err(InvalidBatch::LeaseDuration(lease))
    }
}

pub(crate) fn check_range(
    what: &'static str,
    value: u64,
    min: u64,
    max: u64,
) -> Result<(), InvalidBatch> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(InvalidBatch::OutOfRange {
            what,
            value,
            min,
            max,
        })
    }
}

/// A page of something that has ids: how many rows, after which id.
///
/// ```
/// use queue_core::memory::MemoryStore;
/// use queue_core::{JobStore, Page};
/// # use queue_core::{EnqueueBatch, KindName, NewJob, Payload, QueueName};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::default();
/// # let job = NewJob::new(QueueName::new("q")?, KindName::new("k")?, Payload::json(&42)?);
/// # store.enqueue(EnqueueBatch::new(vec![job; 5])?).await?;
/// let (mut page, mut seen) = (Page::first(2)?, 0);
/// loop {
///     let jobs = store.live(page).await?;
///     let Some(last) = jobs.last() else { break };
///     seen += jobs.len();
///     page = page.after(last.id.get());
/// }
/// assert_eq!(seen, 5);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    limit: u32,
    after: Option<i64>,
}

impl Page {
    /// The first page, with 1 to [`MAX_PAGE`] rows.
    pub fn first(limit: u32) -> Result<Self, InvalidBatch> {
        check_range("the page size", limit.into(), 1, MAX_PAGE.into())?;
        Ok(Self { limit, after: None })
    }

    /// The page after the row with this id.
    #[must_use]
    pub fn after(self, id: i64) -> Self {
        Self {
            after: Some(id),
            ..self
        }
    }

    /// How many rows at most.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// The id that the page follows, if any.
    #[must_use]
    pub fn cursor(&self) -> Option<i64> {
        self.after
    }
}
