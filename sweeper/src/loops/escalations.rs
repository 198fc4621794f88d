//! Incidents whose cause is gone are ended.

use async_trait::async_trait;
use queue_core::{IncidentSweep, StoreError};

use super::{Pass, Passed};
use crate::scene::Scene;

#[derive(Debug, Default)]
pub(super) struct Incidents {
    sweep: Option<IncidentSweep>,
}

#[async_trait]
impl Pass for Incidents {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        let rest = scene.settings().sweeper.set_aside_for.get();
        let sweep = self.sweep.get_or_insert_with(|| IncidentSweep::new(rest));
        sweep.rest(rest);
        let resolved = sweep.pass(&*scene.store).await?;
        scene.moved();
        scene.set_aside(sweep.set_aside());
        Ok(Passed::rows(resolved))
    }
}
