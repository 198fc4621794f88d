//! What is over is removed, and partitions are made, by the leader: others would find it done.

use async_trait::async_trait;
use queue_core::{RetentionSort, StoreError};

use super::{Pass, Passed};
use crate::archive::Archive;
use crate::leadership::Role;
use crate::scene::Scene;

#[derive(Debug, Default)]
pub(super) struct Upkeep {
    archive: Archive,
}

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
            if scene.is_stopping() {
                return Ok(Passed::rows(rows));
            }
            if !removed.more {
                break;
            }
        }
        let audit = rules.kept(RetentionSort::Audit, None);
        rows += self.archive.shorten(scene, audit).await?;
        Ok(Passed::rows(rows))
    }
}
