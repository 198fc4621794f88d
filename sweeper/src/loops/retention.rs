//! What is over is removed, and partitions are made, by the leader: others would find it done.

use async_trait::async_trait;
use queue_core::{RetentionSort, StoreError, Upkeep};

use super::{Pass, Passed};
use crate::archive::Archive;
use crate::leadership::Role;
use crate::scene::Scene;

#[derive(Debug, Default)]
pub(super) struct Retention {
    upkeep: Option<Upkeep>,
    archive: Archive,
}

#[async_trait]
impl Pass for Retention {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        if !scene.leads(Role::Upkeep).await? {
            return Ok(Passed::default());
        }
        let settings = scene.settings();
        let rest = settings.sweeper.set_aside_for.get();
        let upkeep = self.upkeep.get_or_insert_with(|| Upkeep::new(rest));
        upkeep.rest(rest);
        let limit = settings.sweeper.retention_page.get();
        let rules = scene.store.retention().await?;
        let mut rows = 0;
        loop {
            let removed = upkeep.pass(&*scene.store, &rules, limit).await?;
            scene.moved();
            rows += removed.total();
            scene.set_aside(upkeep.set_aside());
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
