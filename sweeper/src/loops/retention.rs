//! What is over is removed, and partitions are made, by the leader: others would find it done.

use async_trait::async_trait;
use queue_core::{Maintained, Retention, Store, StoreError};

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
        let mut rows = 0;
        loop {
            let removed = maintain(&*scene.store, limit).await?;
            scene.moved();
            rows += removed.iter().sum::<u64>();
            let more = removed.iter().any(|rows| *rows >= u64::from(limit));
            if !more || scene.is_stopping() {
                return Ok(Passed::rows(rows));
            }
        }
    }
}

/// How much was removed of each sort.
async fn maintain(store: &dyn Store, limit: u32) -> Result<[u64; 5], StoreError> {
    let Maintained {
        history,
        keys,
        notifications,
        dead_letters,
        subjects,
    } = store.maintain(&Retention::default(), limit).await?;
    Ok([history, keys, notifications, dead_letters, subjects])
}
