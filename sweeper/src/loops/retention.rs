//! What is over is removed, and partitions are made, by the leader: others would find it done.

use async_trait::async_trait;
use queue_core::StoreError;

use super::{Pass, Passed};
use crate::leadership::Role;
use crate::scene::Scene;

#[derive(Debug)]
pub(super) struct Upkeep;

#[async_trait]
impl Pass for Upkeep {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        if !scene.leads(Role::Upkeep).await? {
            return Ok(Passed::default());
        }
        let limit = scene.settings().sweeper.retention_page.get();
        let rules = scene.store.retention().await?;
        let mut rows = 0;
        loop {
            let removed = scene.store.maintain(&rules, limit).await?;
            scene.moved();
            rows += removed.total();
            if !removed.more || scene.is_stopping() {
                return Ok(Passed::rows(rows));
            }
        }
    }
}
