//! The port for roles that one process is enough for.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::{Led, RoleName, StoreError, WorkerName};

/// Who has a role, by the database's clock: a lease that spares the others work.
///
/// Nothing that is right or wrong may hang on it. A holder that was asleep learns only at its next bid that
/// another has taken over, and works until then: what it does must be safe for any number at once, as firing
/// schedules and maintaining are.
///
/// ```
/// use std::time::Duration;
/// use queue_core::memory::MemoryStore;
/// use queue_core::{Clock, LeaderStore, ManualClock, RoleName, WorkerName};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = ManualClock::default();
/// let store = MemoryStore::with_clock(Clock::Manual(clock.clone()));
/// let role = RoleName::new("schedules")?;
/// let (one, other) = (WorkerName::new("sweeper-1")?, WorkerName::new("sweeper-2")?);
/// let lease = Duration::from_secs(10);
///
/// assert!(store.lead(&role, &one, lease).await?.is_of(&one));
/// assert_eq!(store.lead(&role, &other, lease).await?.holder, one);
/// clock.advance(lease);
/// assert!(store.lead(&role, &other, lease).await?.is_of(&other), "the first has not renewed it");
/// assert!(store.resign(&role, &other).await?);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait LeaderStore: Debug + Send + Sync + 'static {
    /// Takes the role if nobody has it, or whoever had it did not renew it in time; renews it if it is the
    /// holder's own. Says who has it then.
    async fn lead(
        &self,
        role: &RoleName,
        holder: &WorkerName,
        lease: Duration,
    ) -> Result<Led, StoreError>;

    /// Gives the role up, so that another may take it at once; `false` if it was not the holder's.
    async fn resign(&self, role: &RoleName, holder: &WorkerName) -> Result<bool, StoreError>;
}
