//! Jobs whose lease ran out are put back, page after page.

use async_trait::async_trait;
use queue_core::{SetAside, StoreError};

use super::{Pass, Passed};
use crate::scene::Scene;

#[derive(Debug, Default)]
pub(super) struct Leases {
    aside: Option<SetAside>,
}

#[async_trait]
impl Pass for Leases {
    async fn pass(&mut self, scene: &Scene) -> Result<Passed, StoreError> {
        let settings = scene.settings();
        let rest = settings.sweeper.set_aside_for.get();
        let aside = self.aside.get_or_insert_with(|| SetAside::new(rest));
        aside.rest(rest);
        let limit = settings.sweeper.leases_page.get();
        let rules = settings.delivery.escalations();
        let mut rows = 0;
        loop {
            let swept = aside.sweep(&*scene.store, limit, rules).await?;
            scene.moved();
            rows += swept.found - swept.overtaken - swept.set_aside;
            scene.set_aside(aside.len());
            if !swept.leaves_more(limit) || scene.is_stopping() {
                return Ok(Passed::rows(rows));
            }
        }
    }
}
