//! Putting jobs back whose worker died: read a page, decide, settle under the fence.

use crate::{
    Escalations, Jitter, JobState, JobStore, Outcome, Page, RetryPolicy, SettleBatch, Settled,
    Settlement, StoreError, decide,
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
    let mut swept = Swept {
        found: expired.len(),
        ..Swept::default()
    };
    if expired.is_empty() {
        return Ok(swept);
    }
    let policy = RetryPolicy::default();
    let settlements = expired
        .into_iter()
        .map(|expired| Settlement {
            lease: expired.lease,
            transition: {
                let transition = decide(
                    Outcome::Expired,
                    &expired.progress,
                    expired.max_attempts,
                    &policy,
                    Jitter::fixed(0.0),
                );
                escalations.on(transition, &expired.queue, &expired.kind)
            },
        })
        .collect();
    for settled in store.settle(SettleBatch::of_expired(settlements)?).await? {
        match settled {
            Settled::LeaseLost => swept.overtaken += 1,
            Settled::CancelRequested => swept.cancelled += 1,
            Settled::Applied(applied) if applied.state == JobState::Dead => swept.buried += 1,
            Settled::Applied(_) => swept.requeued += 1,
        }
    }
    Ok(swept)
}
