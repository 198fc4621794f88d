//! The port for schedules.

use std::time::Instant;

use async_trait::async_trait;
use queue_core::{
    Act, Fired, Firing, Schedule, ScheduleName, ScheduleStore, ScheduleView, StoreError,
};

use crate::fault::Fault;
use crate::ops::schedules;
use crate::session::{Mode, Session, TRIES, pause};
use crate::store::PostgresStore;

#[async_trait]
impl ScheduleStore for PostgresStore {
    async fn put_schedule(
        &self,
        schedule: &Schedule,
        act: &Act,
    ) -> Result<ScheduleView, StoreError> {
        run!(self, "put_schedule", Transaction, |session| {
            schedules::put(session, schedule, act).await
        })
    }

    async fn schedules(&self) -> Result<Vec<ScheduleView>, StoreError> {
        run!(self, "schedules", Read, |session| {
            schedules::all(session).await
        })
    }

    async fn pause_schedule(
        &self,
        name: &ScheduleName,
        paused: bool,
        act: &Act,
    ) -> Result<Option<ScheduleView>, StoreError> {
        run!(self, "pause_schedule", Transaction, |session| {
            schedules::pause(session, name, paused, act).await
        })
    }

    async fn remove_schedule(&self, name: &ScheduleName, act: &Act) -> Result<bool, StoreError> {
        run!(self, "remove_schedule", Transaction, |session| {
            schedules::remove(session, name, act).await
        })
    }

    async fn fire(&self, firing: Firing) -> Result<Fired, StoreError> {
        run!(self, "fire", Transaction, |session| {
            schedules::fire(session, &firing).await
        })
    }
}
