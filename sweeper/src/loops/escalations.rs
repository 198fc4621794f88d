//! Incidents whose cause is gone are ended.

use async_trait::async_trait;
use queue_core::{StoreError, resolve_incidents};

use super::{Pass, Passed};
use crate::scene::Scene;

#[derive(Debug)]
pub(super) struct Incidents;

#[async_trait]
impl Pass for Incidents {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        let resolved = resolve_incidents(&*scene.store).await?;
        scene.moved();
        Ok(Passed::rows(resolved))
    }
}
