//! The audit chain is verified from where it was left, and now and then from its beginning: somebody may have changed
//! what was verified before.

use std::time::Instant;

use async_trait::async_trait;
use queue_core::{AuditWatch, StoreError};

use super::{Pass, Passed};
use crate::scene::Scene;

#[derive(Debug)]
pub(super) struct Chain {
    watch: AuditWatch,
    /// Since when it goes along from the beginning.
    begun: Instant,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            watch: AuditWatch::default(),
            begun: Instant::now(),
        }
    }
}

#[async_trait]
impl Pass for Chain {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        let sweeper = &scene.settings().sweeper;
        let limit = sweeper.audit_page.get();
        let anew = sweeper.audit_anew_every.get();
        if anew.is_some_and(|every| self.begun.elapsed() >= every) {
            *self = Self::default();
        }
        let mut rows = 0;
        loop {
            let watched = self.watch.go_on(&*scene.store, limit).await?;
            scene.moved();
            rows += watched.records;
            if scene.is_stopping() {
                return Ok(Passed::rows(rows));
            }
            if !watched.more {
                scene.audited(self.watch.verified(), self.watch.fault());
                return Ok(Passed::rows(rows));
            }
        }
    }
}
