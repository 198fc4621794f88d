//! The audit chain is verified from where it was left.

use async_trait::async_trait;
use queue_core::{AuditWatch, StoreError};

use super::{Pass, Passed};
use crate::scene::Scene;

#[derive(Debug, Default)]
pub(super) struct Chain {
    watch: AuditWatch,
}

#[async_trait]
impl Pass for Chain {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        let limit = scene.settings().sweeper.audit_page.get();
        let mut rows = 0;
        loop {
            let watched = self.watch.go_on(&*scene.store, limit).await?;
            scene.moved();
            rows += watched.records;
            if !watched.more || scene.is_stopping() {
                scene.audited(self.watch.verified(), self.watch.fault());
                return Ok(Passed::rows(rows));
            }
        }
    }
}
