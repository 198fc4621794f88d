//! The port for what is kept for how long.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{Act, QueueName, Retention, RetentionRule, RetentionSort, Seal, Sealed, StoreError};

/// Rules of retention, and what may go of the audit trail. Each change is on record in the same
/// transaction; what changes nothing is not.
///
/// ```
/// use queue_core::memory::MemoryStore;
/// use queue_core::{Act, Actor, JobStore, Kept, RetentionRule, RetentionSort, RetentionStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::default();
/// let act = Act::new(Actor::new("ada")?, "the disk fills, OPS-17");
/// let week = RetentionRule::new(RetentionSort::History, None, Kept::days(7))?;
/// assert!(store.set_retention(&week, &act).await?);
/// assert!(!store.set_retention(&week, &act).await?, "it was so already");
///
/// let retention = store.retention().await?;
/// assert_eq!(retention.kept(RetentionSort::History, None), Kept::days(7));
/// while store.maintain(&retention, 1000).await?.more {}
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait RetentionStore: Debug + Send + Sync + 'static {
    /// All rules that were set.
    async fn retention(&self) -> Result<Retention, StoreError>;

    /// Sets a rule in the place of one on the same; `false` if it was there already.
    async fn set_retention(&self, rule: &RetentionRule, act: &Act) -> Result<bool, StoreError>;

    /// Takes a rule away; `false` if there was none.
    async fn clear_retention(
        &self,
        sort: RetentionSort,
        queue: Option<&QueueName>,
        act: &Act,
    ) -> Result<bool, StoreError>;

    /// The newest seal of the audit trail: what is left of it begins behind that.
    async fn audit_seal(&self) -> Result<Option<Seal>, StoreError>;

    /// Stores a seal, if the trail has the very record that it is of, and none as new yet. Its caller has
    /// verified the archive.
    async fn seal_audit(&self, seal: &Seal, act: &Act) -> Result<Sealed, StoreError>;

    /// Removes records that are sealed, the oldest first, and says how many: at most this many.
    async fn shorten_audit(&self, limit: u32) -> Result<u64, StoreError>;
}
