//! Removing what has ended, around rows that cannot be removed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Maintained, Portion, Retention, RetentionSort};
use crate::sweep::is_of_rows;
use crate::{JobStore, StoreError, Timestamp};

/// So many rows that fail while none goes are no bad rows: the sort as a whole is left alone.
const TELLING: u32 = 8;

/// Removes what its retention has ended for, as [`JobStore::maintain`] does. If that fails, each sort is gone
/// through by itself: a row that cannot be removed (something of the database's refers to it, say) is left
/// alone for a while, and keeps neither the rest of its sort nor other sorts. So does a sort of which nothing
/// can be removed.
///
/// ```
/// use std::time::Duration;
/// use queue_core::memory::MemoryStore;
/// use queue_core::{Retention, Upkeep};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut upkeep = Upkeep::new(Duration::from_secs(600));
/// let removed = upkeep.pass(&MemoryStore::default(), &Retention::default(), 500).await?;
/// assert_eq!((removed.total(), removed.more, upkeep.set_aside()), (0, false, 0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Upkeep {
    rest: Duration,
    aside: BTreeMap<RetentionSort, Aside>,
}

/// What is left alone of a sort.
#[derive(Debug, Clone, Copy)]
struct Aside {
    /// How many rows, those that ended first; all, if none of them would go.
    rows: u32,
    whole: bool,
    /// By the database's clock.
    until: Timestamp,
}

impl Upkeep {
    /// What fails is tried again after this time.
    #[must_use]
    pub fn new(rest: Duration) -> Self {
        Self {
            rest,
            aside: BTreeMap::new(),
        }
    }

    /// How long rows are left alone from now on.
    pub fn rest(&mut self, rest: Duration) {
        self.rest = rest;
    }

    /// How many rows are left alone, as far as they were counted.
    #[must_use]
    pub fn set_aside(&self) -> usize {
        let rows = self.aside.values().map(|aside| aside.rows as usize);
        rows.sum()
    }

    /// Removes at most about `limit` rows of a sort. What no row can be the cause of is an error; so is it when
    /// no sort can be gone through.
    pub async fn pass<S: JobStore + ?Sized>(
        &mut self,
        store: &S,
        retention: &Retention,
        limit: u32,
    ) -> Result<Maintained, StoreError> {
        if !self.aside.is_empty() {
            let now = store.now().await?;
            self.aside.retain(|_, aside| aside.until > now);
        }
        if self.aside.is_empty() {
            match store.maintain(retention, limit).await {
                Err(error) if is_of_rows(&error) => {}
                ended => return ended,
            }
        }
        let mut done = Maintained::default();
        let mut worked = false;
        let mut last = None;
        for sort in RetentionSort::ALL {
            if self.aside.get(&sort).is_some_and(|aside| aside.whole) {
                worked = true;
                continue;
            }
            match self.sort(store, retention, sort, limit).await? {
                Ok(removed) => {
                    worked |= sort != RetentionSort::Audit;
                    let more = done.more || removed.more;
                    done = done.and(removed);
                    done.more = more;
                }
                Err(error) => last = Some((sort, error)),
            }
        }
        match last {
            Some((_, error)) if !worked => Err(error),
            _ => Ok(done),
        }
    }

    /// One sort: a portion that fails is halved until what fails is a row. The inner error is of the sort.
    async fn sort<S: JobStore + ?Sized>(
        &mut self,
        store: &S,
        retention: &Retention,
        sort: RetentionSort,
        limit: u32,
    ) -> Result<Result<Maintained, StoreError>, StoreError> {
        let mut done = Maintained::default();
        let (mut size, mut failed) = (limit.max(1), 0);
        loop {
            let skip = self.aside.get(&sort).map_or(0, |aside| aside.rows);
            let portion = Portion {
                sort,
                limit: size,
                skip,
            };
            let error = match store.maintain_sort(retention, portion).await {
                Ok(removed) => {
                    done = done.and(removed);
                    if !removed.more || done.total() >= u64::from(limit) {
                        return Ok(Ok(done));
                    }
                    size = size.saturating_mul(2).min(limit);
                    continue;
                }
                Err(error) if !is_of_rows(&error) => return Err(error),
                Err(error) => error,
            };
            if size > 1 {
                size /= 2;
                continue;
            }
            failed += 1;
            let code = error.catalogued().as_str();
            let whole = done.total() == 0 && failed >= TELLING;
            let until = store.now().await? + self.rest;
            let rows = if whole {
                tracing::error!(%sort, code, %error, "nothing of a sort can be removed: it is set aside");
                skip.saturating_sub(failed - 1)
            } else {
                tracing::error!(
                    %sort, code, %error, before = skip,
                    "what is kept no longer cannot be removed and is set aside"
                );
                skip + 1
            };
            let rows = rows.max(1);
            self.aside.insert(sort, Aside { rows, whole, until });
            if whole {
                return Ok(Err(error));
            }
        }
    }
}
