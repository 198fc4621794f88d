//! The port for roles that one process is enough for.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use queue_core::{LeaderStore, Led, RoleName, StoreError, WorkerName};

use crate::fault::Fault;
use crate::ops::leader;
use crate::session::{Mode, Session, TRIES, pause};
use crate::store::PostgresStore;

#[async_trait]
impl LeaderStore for PostgresStore {
    async fn lead(
        &self,
        role: &RoleName,
        holder: &WorkerName,
        lease: Duration,
    ) -> Result<Led, StoreError> {
        run!(self, "lead", Transaction, |session| {
            leader::lead(session, role, holder, lease).await
        })
    }

    async fn resign(&self, role: &RoleName, holder: &WorkerName) -> Result<bool, StoreError> {
        run!(self, "resign", Transaction, |session| {
            leader::resign(session, role, holder).await
        })
    }
}
