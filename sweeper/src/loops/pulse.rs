//! Whether the database answers and can be written to, and who leads: a bid for each role is a write, which a
//! standby refuses.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use queue_core::StoreError;

use super::{Pass, Passed};
use crate::leadership::Role;
use crate::scene::Scene;

/// Looking at the schema's version takes a connection of its own.
const SURVEY_EVERY: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(super) struct Pulse {
    surveyed: Option<Instant>,
}

#[async_trait]
impl Pass for Pulse {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        for role in Role::ALL {
            scene.leadership.bid(scene, role).await?;
            scene.moved();
        }
        if self
            .surveyed
            .is_none_or(|at| at.elapsed() >= SURVEY_EVERY || scene.is_once())
        {
            scene.check_schema().await?;
            scene.moved();
            self.surveyed = Some(Instant::now());
        }
        Ok(Passed::rows(Role::ALL.len()))
    }
}
