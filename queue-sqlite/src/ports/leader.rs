use std::time::Duration;

use async_trait::async_trait;
use queue_core::{LeaderStore, Led, RoleName, StoreError, WorkerName};

use crate::ops::leader;
use crate::store::SqliteStore;

#[async_trait]
impl LeaderStore for SqliteStore {
    async fn lead(
        &self,
        role: &RoleName,
        holder: &WorkerName,
        lease: Duration,
    ) -> Result<Led, StoreError> {
        let (role, holder) = (role.clone(), holder.clone());
        self.write("bidding for a role", 1, move |session| {
            leader::lead(session, &role, &holder, lease)
        })
        .await
    }

    async fn resign(&self, role: &RoleName, holder: &WorkerName) -> Result<bool, StoreError> {
        let (role, holder) = (role.clone(), holder.clone());
        self.write("resigning a role", 1, move |session| {
            leader::resign(session, &role, &holder)
        })
        .await
    }
}
