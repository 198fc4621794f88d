//! The port for schedules.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{Act, Fired, Firing, Schedule, ScheduleName, ScheduleView, StoreError};

/// What a backend does with schedules. What follows from putting or pausing one is decided by
/// [`ScheduleView`], what is to be fired by [`plan`](crate::plan); the backend compares and sets.
///
/// Each mutation by an operator writes its audit record in the same transaction, unless it changed
/// nothing.
///
/// ```
/// use std::time::Duration;
/// use queue_core::memory::MemoryStore;
/// use queue_core::{
///     Act, Actor, AuditFilter, AuditPage, OperatorStore, Schedule, ScheduleName, ScheduleStore,
/// };
/// # use queue_core::{KindName, NewJob, Payload, QueueName};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::default();
/// let job = NewJob::new(QueueName::new("reports")?, KindName::new("close_the_day")?, Payload::json(&())?);
/// let name = ScheduleName::new("nightly")?;
/// let nightly = Schedule::cron(name.clone(), "0 3 * * *", "Europe/Berlin", job)?;
/// let start = Act::new(Actor::new("reports")?, "start of the service");
/// store.put_schedule(&nightly, &start).await?;
/// store.put_schedule(&nightly, &start).await?; // as every process does
/// let audit = store.audit(&AuditFilter::default(), AuditPage::oldest(100)?).await?;
/// assert_eq!(audit.records.len(), 1);
///
/// let act = Act::new(Actor::new("ada")?, "the books are closed, OPS-17");
/// let paused = store.pause_schedule(&name, true, &act).await?.ok_or("it is there")?;
/// assert!(paused.schedule.is_paused());
/// assert!(store.remove_schedule(&name, &act).await?);
/// assert!(store.schedules().await?.is_empty());
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait ScheduleStore: Debug + Send + Sync + 'static {
    /// Creates a schedule, or changes the one of its name: see
    /// [`ScheduleView::changed_to`]. One that is so
    /// already is only read.
    async fn put_schedule(
        &self,
        schedule: &Schedule,
        act: &Act,
    ) -> Result<ScheduleView, StoreError>;

    /// All schedules by name.
    async fn schedules(&self) -> Result<Vec<ScheduleView>, StoreError>;

    /// Lets a schedule rest or go on: see [`ScheduleView::with_pause`]. None if there is none of this
    /// name.
    async fn pause_schedule(
        &self,
        name: &ScheduleName,
        paused: bool,
        act: &Act,
    ) -> Result<Option<ScheduleView>, StoreError>;

    /// Removes a schedule; jobs that it fired stay. Whether there was one.
    async fn remove_schedule(&self, name: &ScheduleName, act: &Act) -> Result<bool, StoreError>;

    /// Moves a schedule on and enqueues the jobs of the ticks in between, both or neither, if it is
    /// still as the firing was planned for.
    async fn fire(&self, firing: Firing) -> Result<Fired, StoreError>;
}
