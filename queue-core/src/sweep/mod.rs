//! Putting jobs back whose worker died: read a page, decide, settle under the fence.

mod aside;
mod doubts;
mod halving;
mod leases;

pub(crate) use aside::Aside;
pub use doubts::{DoubtSweep, Doubted};
pub(crate) use halving::is_of_rows;
pub use leases::SetAside;

use crate::{
    Escalations, ExpiredLease, Jitter, JobState, JobStore, Outcome, Page, RetryPolicy, SettleBatch,
    Settled, Settlement, StoreError, decide, telemetry,
};

/// What one pass found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Expired leases that were listed.
    pub found: usize,
    /// Jobs that are queued again.
    pub requeued: usize,
    /// Jobs whose budget was spent.
    pub buried: usize,
    /// Jobs that had been asked to stop.
    pub cancelled: usize,
    /// Jobs that somebody else had settled in between.
    pub overtaken: usize,
    /// Jobs that made their page fail and are left alone for a while: see [`SetAside`].
    pub set_aside: usize,
}

/// Sweeps one page of expired leases. Any number of processes may do so at once: each lease is put
/// back by one of them, and the others find it overtaken.
///
/// ```
/// use std::time::Duration;
/// use queue_core::memory::MemoryStore;
/// use queue_core::{Clock, JobStore, ManualClock, Page, sweep};
/// # use queue_core::{ClaimRequest, EnqueueBatch, KindName, NewJob, Payload, QueueName, WorkerName};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = ManualClock::default();
/// let store = MemoryStore::with_clock(Clock::Manual(clock.clone()));
/// # let mail = QueueName::new("mail")?;
/// # let job = NewJob::new(mail.clone(), KindName::new("send_invoice")?, Payload::json(&42)?);
/// # store.enqueue(EnqueueBatch::one(job)).await?;
/// # let request = ClaimRequest::new(WorkerName::new("w")?, vec![mail], 10)?;
/// drop(store.claim(request.clone()).await?); // as a crash would
/// clock.advance(Duration::from_secs(30));
/// let swept = sweep(&store, Page::first(100)?).await?;
/// assert_eq!((swept.found, swept.requeued), (1, 1));
/// assert_eq!(store.claim(request).await?[0].progress.attempt, 2);
/// # Ok(())
/// # }
/// ```
pub async fn sweep<S: JobStore + ?Sized>(store: &S, page: Page) -> Result<Swept, StoreError> {
    sweep_and_escalate(store, page, &Escalations::default()).await
}

/// As [`sweep`]; jobs whose budget is spent raise what the rules say.
pub async fn sweep_and_escalate<S: JobStore + ?Sized>(
    store: &S,
    page: Page,
    escalations: &Escalations,
) -> Result<Swept, StoreError> {
    let expired = store.expired(page).await?;
    settle(store, &expired, escalations).await
}

impl Swept {
    /// Whether there may be more than this pass found, which looked for `limit`. Where all was overtaken
    /// there is none to do: others are at it just now.
    ///
    /// ```
    /// use queue_core::Swept;
    /// let full = Swept { found: 100, requeued: 100, ..Swept::default() };
    /// assert!(full.leaves_more(100) && !full.leaves_more(500));
    /// ```
    #[must_use]
    pub fn leaves_more(&self, limit: u32) -> bool {
        self.found >= limit as usize && self.overtaken < self.found
    }

    fn add(&mut self, other: Self) {
        self.found += other.found;
        self.requeued += other.requeued;
        self.buried += other.buried;
        self.cancelled += other.cancelled;
        self.overtaken += other.overtaken;
        self.set_aside += other.set_aside;
    }
}

/// Settles leases that have run out, all or none.
async fn settle<S: JobStore + ?Sized>(
    store: &S,
    expired: &[ExpiredLease],
    escalations: &Escalations,
) -> Result<Swept, StoreError> {
    let mut swept = Swept {
        found: expired.len(),
        ..Swept::default()
    };
    if expired.is_empty() {
        return Ok(swept);
    }
    let policy = RetryPolicy::default();
    let settlements = expired.iter().map(|expired| {
        let transition = decide(
            Outcome::Expired,
            &expired.progress,
            expired.max_attempts,
            &policy,
            Jitter::fixed(0.0),
        );
        Settlement {
            lease: expired.lease,
            transition: escalations.on(transition, &expired.queue, &expired.kind),
        }
    });
    let batch = SettleBatch::of_expired(settlements.collect())?;
    for settled in store.settle(batch).await? {
        match settled {
            Settled::LeaseLost => swept.overtaken += 1,
            Settled::CancelRequested => swept.cancelled += 1,
            Settled::Applied(applied) if applied.state == JobState::Dead => swept.buried += 1,
            Settled::Applied(_) => swept.requeued += 1,
        }
    }
    telemetry::leases_expired(swept.found - swept.overtaken);
    Ok(swept)
}
