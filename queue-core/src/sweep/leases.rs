//! Expired leases, around those that cannot be swept.

use std::time::Duration;

use super::aside::Aside;
use super::halving::Halving;
use super::{Swept, settle};
use crate::{Escalations, ExpiredLease, Fence, JobId, JobStore, MAX_PAGE, Page, StoreError};

/// Expired leases that a sweep leaves alone, since each of them failed by itself. It is remembered by whoever
/// sweeps: another process, and this one after its start, tries them once more.
///
/// ```
/// use std::time::Duration;
/// use queue_core::memory::MemoryStore;
/// use queue_core::{Escalations, SetAside};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::default();
/// let mut aside = SetAside::new(Duration::from_secs(600));
/// let swept = aside.sweep(&store, 500, &Escalations::default()).await?;
/// assert_eq!((swept.found, swept.set_aside, aside.len()), (0, 0, 0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SetAside {
    /// A job that runs anew is another row.
    rows: Aside<(JobId, Fence)>,
}

impl SetAside {
    /// None yet; rows are tried again after this time.
    #[must_use]
    pub fn new(rest: Duration) -> Self {
        Self {
            rows: Aside::new(rest),
        }
    }

    /// How long rows are left alone from now on.
    pub fn rest(&mut self, rest: Duration) {
        self.rows.rest(rest);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// As [`sweep_and_escalate`](crate::sweep_and_escalate) with a page of `limit`, around these rows. A page
    /// that fails is halved until what fails is alone: that row is set aside and logged with its reason code,
    /// the others are swept. What no row can be the cause of is an error.
    pub async fn sweep<S: JobStore + ?Sized>(
        &mut self,
        store: &S,
        limit: u32,
        escalations: &Escalations,
    ) -> Result<Swept, StoreError> {
        self.rows.wake(store).await?;
        // They stand first in the list, as they ran out long ago.
        let aside = u32::try_from(self.rows.len()).unwrap_or(MAX_PAGE);
        let page = Page::first(limit.saturating_add(aside).min(MAX_PAGE))?;
        let mut expired = store.expired(page).await?;
        expired.retain(|row| !self.rows.has(&name(row)));
        expired.truncate(limit as usize);
        let mut swept = Swept::default();
        let mut halving = Halving::of(&expired);
        while let Some(part) = halving.next() {
            match settle(store, part, escalations).await {
                Ok(settled) => {
                    halving.worked();
                    swept.add(settled);
                }
                Err(error) => halving.failed(part, error)?,
            }
        }
        let failed = halving.end()?;
        swept.found += failed.len();
        swept.set_aside += failed.len();
        for (row, error) in &failed {
            let (job, code) = (row.lease.job(), error.catalogued().as_str());
            tracing::error!(
                %job, queue = %row.queue, kind = %row.kind, code, %error,
                "an expired lease cannot be swept and is set aside"
            );
        }
        let names = failed.iter().map(|(row, _)| name(row)).collect();
        self.rows.put(store, names).await?;
        Ok(swept)
    }
}

fn name(row: &ExpiredLease) -> (JobId, Fence) {
    (row.lease.job(), row.lease.fence())
}
