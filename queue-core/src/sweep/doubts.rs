//! Notifications that were interrupted while being sent, around those that cannot be put into doubt.

use std::time::Duration;

use super::aside::Aside;
use super::halving::Halving;
use crate::{JobStore, MAX_PAGE, NotificationId, OutboxStore, Page, StoreError};

/// Puts notifications into doubt whose lease ran out while they were sent. One that makes its page fail is
/// left alone for a while, by whoever remembers it: another process tries it once more.
///
/// ```
/// use std::time::Duration;
/// use queue_core::DoubtSweep;
/// use queue_core::memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::default();
/// let mut sweep = DoubtSweep::new(Duration::from_secs(600));
/// let doubted = sweep.pass(&store, 500).await?;
/// assert_eq!((doubted.rows, doubted.more, sweep.set_aside()), (0, false, 0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct DoubtSweep {
    rows: Aside<NotificationId>,
}

/// What one pass put into doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Doubted {
    /// How many.
    pub rows: usize,
    /// There may be more: the page was full, and not all of it was somebody else's.
    pub more: bool,
}

impl DoubtSweep {
    /// Rows that fail are tried again after this time.
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

    /// How many are left alone.
    #[must_use]
    pub fn set_aside(&self) -> usize {
        self.rows.len()
    }

    /// One page of at most `limit`. If it fails it is halved until what fails is alone: that row is set aside
    /// and logged with its reason code. What no row can be the cause of is an error.
    pub async fn pass<S>(&mut self, store: &S, limit: u32) -> Result<Doubted, StoreError>
    where
        S: OutboxStore + JobStore + ?Sized,
    {
        self.rows.wake(store).await?;
        // They stand first in the list, as they ran out long ago.
        let aside = u32::try_from(self.rows.len()).unwrap_or(MAX_PAGE);
        let page = Page::first(limit.saturating_add(aside).min(MAX_PAGE))?;
        let mut rows = store.interrupted(page).await?;
        rows.retain(|row| !self.rows.has(row));
        rows.truncate(limit as usize);
        let mut doubted = 0;
        let mut halving = Halving::of(&rows);
        while let Some(part) = halving.next() {
            match store.doubt_interrupted(part).await {
                Ok(now) => {
                    halving.worked();
                    doubted += now.len();
                }
                Err(error) => halving.failed(part, error)?,
            }
        }
        let failed = halving.end()?;
        for (notification, error) in &failed {
            let code = error.catalogued().as_str();
            tracing::error!(
                %notification, code, %error,
                "an interrupted notification cannot be put into doubt and is set aside"
            );
        }
        let found = doubted + failed.len();
        let failed = failed.iter().map(|(row, _)| **row).collect();
        self.rows.put(store, failed).await?;
        Ok(Doubted {
            rows: doubted,
            more: rows.len() >= limit as usize && found > 0,
        })
    }
}
