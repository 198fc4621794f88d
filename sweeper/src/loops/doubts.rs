//! Notifications whose lease ran out while they were sent are in doubt: whoever has their channel asks.

use async_trait::async_trait;
use queue_core::StoreError;

use super::{Pass, Passed};
use crate::scene::Scene;

#[derive(Debug)]
pub(super) struct Doubts;

#[async_trait]
impl Pass for Doubts {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        let limit = scene.settings().sweeper.doubts_page.get();
        let mut rows = 0;
        loop {
            let doubted = scene.store.doubt_expired(limit).await?.len();
            scene.moved();
            rows += doubted;
            if doubted < limit as usize || scene.is_stopping() {
                return Ok(Passed::rows(rows));
            }
        }
    }
}
