use async_trait::async_trait;
use queue_core::{
    Act, Fired, Firing, Schedule, ScheduleName, ScheduleStore, ScheduleView, StoreError,
};

use crate::ops::schedules;
use crate::store::SqliteStore;

#[async_trait]
impl ScheduleStore for SqliteStore {
    async fn put_schedule(
        &self,
        schedule: &Schedule,
        act: &Act,
    ) -> Result<ScheduleView, StoreError> {
        let (schedule, act) = (schedule.clone(), act.clone());
        self.write("putting a schedule", 1, move |session| {
            schedules::put(session, &schedule, &act)
        })
        .await
    }

    async fn schedules(&self) -> Result<Vec<ScheduleView>, StoreError> {
        self.read("listing schedules", schedules::all).await
    }

    async fn pause_schedule(
        &self,
        name: &ScheduleName,
        paused: bool,
        act: &Act,
    ) -> Result<Option<ScheduleView>, StoreError> {
        let (name, act) = (name.clone(), act.clone());
        self.write("pausing a schedule", 1, move |session| {
            schedules::pause(session, &name, paused, &act)
        })
        .await
    }

    async fn remove_schedule(&self, name: &ScheduleName, act: &Act) -> Result<bool, StoreError> {
        let (name, act) = (name.clone(), act.clone());
        self.write("removing a schedule", 1, move |session| {
            schedules::remove(session, &name, &act)
        })
        .await
    }

    async fn fire(&self, firing: Firing) -> Result<Fired, StoreError> {
        self.write(
            "firing a schedule",
            firing.ticks().len().max(1),
            move |session| schedules::fire(session, &firing),
        )
        .await
    }
}
