//! Putting jobs back whose worker died: read a page, decide, settle under the fence.

use crate::{
    Jitter, JobState, JobStore, Outcome, Page, RetryPolicy, SettleBatch, Settled, Settlement,
    StoreError, decide,
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
pub async fn sweep<S: JobStore + ?Sized>(store: &S, page: Page) -> Result<Swept, StoreError> {
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
            transition: decide(
                Outcome::Expired,
                &expired.progress,
                expired.max_attempts,
                &policy,
                Jitter::fixed(0.0),
            ),
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
