//! What is due by the clock is fired, by the leader: others would find it fired.

use std::time::Duration;

use async_trait::async_trait;
use queue_core::{StoreError, fire_due};

use super::{Pass, Passed};
use crate::leadership::Role;
use crate::scene::Scene;

/// One that fires many ticks at a time leaves the others their turn.
const AT_LEAST: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(super) struct Schedules;

#[async_trait]
impl Pass for Schedules {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        if !scene.leads(Role::Schedules).await? {
            return Ok(Passed::default());
        }
        let fired = fire_due(&*scene.store).await?;
        scene.moved();
        scene.set_aside(fired.failed);
        Ok(Passed {
            sooner: fired.sleep().map(|sleep| sleep.max(AT_LEAST)),
            ..Passed::rows(fired.jobs)
        })
    }
}
