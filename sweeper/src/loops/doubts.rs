//! Notifications whose lease ran out while they were sent are in doubt: whoever has their channel asks.

use async_trait::async_trait;
use queue_core::{DoubtSweep, StoreError};

use super::{Pass, Passed};
use crate::scene::Scene;

#[derive(Debug, Default)]
pub(super) struct Doubts {
    sweep: Option<DoubtSweep>,
}

#[async_trait]
impl Pass for Doubts {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        let settings = scene.settings();
        let rest = settings.sweeper.set_aside_for.get();
        let sweep = self.sweep.get_or_insert_with(|| DoubtSweep::new(rest));
        sweep.rest(rest);
        let limit = settings.sweeper.doubts_page.get();
        let mut rows = 0;
        loop {
            let doubted = sweep.pass(&*scene.store, limit).await?;
            scene.moved();
            rows += doubted.rows;
            scene.set_aside(sweep.set_aside());
            if !doubted.more || scene.is_stopping() {
                return Ok(Passed::rows(rows));
            }
        }
    }
}
