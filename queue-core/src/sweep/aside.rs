//! Rows that make a page fail: found by halving, and left alone for a while.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Swept, settle};
use crate::{
    Escalations, ExpiredLease, Fence, JobId, JobStore, MAX_PAGE, Page, StoreError, Timestamp,
};

/// So many rows that fail while none does not are no bad rows: the store is at fault.
const TELLING: usize = 8;

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
    rest: Duration,
    /// Until when, by the database's clock. A job that runs anew is another row.
    rows: BTreeMap<(JobId, Fence), Timestamp>,
}

impl SetAside {
    /// None yet; rows are tried again after this time.
    #[must_use]
    pub fn new(rest: Duration) -> Self {
        Self {
            rest,
            rows: BTreeMap::new(),
        }
    }

    /// How long rows are left alone from now on.
    pub fn rest(&mut self, rest: Duration) {
        self.rest = rest;
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
        if !self.rows.is_empty() {
            let now = store.now().await?;
            self.rows.retain(|_, until| *until > now);
        }
        // They stand first in the list, as they ran out long ago.
        let aside = u32::try_from(self.rows.len()).unwrap_or(MAX_PAGE);
        let page = Page::first(limit.saturating_add(aside).min(MAX_PAGE))?;
        let mut expired = store.expired(page).await?;
        expired.retain(|row| !self.rows.contains_key(&name(row)));
        expired.truncate(limit as usize);
        self.halve(store, &expired, escalations).await
    }

    async fn halve<S: JobStore + ?Sized>(
        &mut self,
        store: &S,
        expired: &[ExpiredLease],
        escalations: &Escalations,
    ) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        let mut failed = Vec::new();
        let mut parts = vec![expired];
        while let Some(part) = parts.pop() {
            match (settle(store, part, escalations).await, part) {
                (Ok(settled), _) => swept.add(settled),
                (Err(error), _) if !is_of_rows(&error) => return Err(error),
                (Err(error), [row]) => {
                    failed.push((row, error));
                    if swept.found == 0 && failed.len() >= TELLING {
                        break;
                    }
                }
                (Err(_), _) => {
                    let (first, rest) = part.split_at(part.len() / 2);
                    parts.extend([rest, first]);
                }
            }
        }
        if swept.found == 0
            && failed.len() > 1
            && let Some((_, error)) = failed.pop()
        {
            return Err(error);
        }
        if !failed.is_empty() {
            let until = store.now().await? + self.rest;
            swept.found += failed.len();
            swept.set_aside += failed.len();
            for (row, error) in failed {
                let (job, code) = (row.lease.job(), error.catalogued().as_str());
                tracing::error!(
                    %job, queue = %row.queue, kind = %row.kind, code, %error,
                    "an expired lease cannot be swept and is set aside"
                );
                self.rows.insert(name(row), until);
            }
        }
        Ok(swept)
    }
}

fn name(row: &ExpiredLease) -> (JobId, Fence) {
    (row.lease.job(), row.lease.fence())
}

/// Whether a row can be the cause.
fn is_of_rows(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Backend { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Invalid(_)
            | StoreError::ForeignLease { .. }
    )
}
