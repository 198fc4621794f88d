//! Dead letters, more of them than a store gives at a time.

use queue_core::{
    LetterCursor, LetterFilter, LetterList, LetterPage, LetterSummary, Store, StoreError,
};

/// How many are asked for at a time where all are wanted.
const AT_A_TIME: u32 = 5_000;

/// A page as full as it can be. A store gives a short one where few letters meet the filter; here it is
/// gone on until the page is full or there are no more.
pub async fn page(
    store: &dyn Store,
    filter: &LetterFilter,
    limit: u32,
    after: Option<LetterCursor>,
) -> Result<LetterList, StoreError> {
    let mut list = LetterList {
        letters: Vec::new(),
        next: after,
    };
    loop {
        let found = u32::try_from(list.letters.len()).unwrap_or(u32::MAX);
        let first = LetterPage::first(limit - found.min(limit))?;
        let wanted = list.next.map_or(first, |cursor| first.after(cursor));
        let more = store.letters(filter, wanted).await?;
        list.letters.extend(more.letters);
        list.next = more.next;
        if list.next.is_none() || list.letters.len() >= limit as usize {
            return Ok(list);
        }
    }
}

/// All of them, the newest death first.
///
/// ```
/// use queue_core::{LetterFilter, memory::MemoryStore};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), queue_core::StoreError> {
/// let store = MemoryStore::default();
/// assert!(queue_ops::letters::all(&store, &LetterFilter::default()).await?.is_empty());
/// # Ok(())
/// # }
/// ```
pub async fn all(
    store: &dyn Store,
    filter: &LetterFilter,
) -> Result<Vec<LetterSummary>, StoreError> {
    let mut letters = Vec::new();
    let mut after = None;
    loop {
        let list = page(store, filter, AT_A_TIME, after).await?;
        letters.extend(list.letters);
        after = list.next;
        if after.is_none() {
            return Ok(letters);
        }
    }
}
