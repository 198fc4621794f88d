//! The port for what is kept for how long.

use std::time::Instant;

use async_trait::async_trait;
use queue_core::{
    Act, JobStore, QueueName, Retention, RetentionRule, RetentionSort, RetentionStore, Seal,
    Sealed, StoreError,
};

use crate::fault::Fault;
use crate::ops::{retention, seal};
use crate::session::{Mode, Session, TRIES, pause};
use crate::store::PostgresStore;

#[async_trait]
impl RetentionStore for PostgresStore {
    async fn retention(&self) -> Result<Retention, StoreError> {
        run!(self, "retention", Read, |session| {
            retention::all(session).await
        })
    }

    async fn set_retention(&self, rule: &RetentionRule, act: &Act) -> Result<bool, StoreError> {
        run!(self, "set_retention", Transaction, |session| {
            retention::set(session, rule, act).await
        })
    }

    async fn clear_retention(
        &self,
        sort: RetentionSort,
        queue: Option<&QueueName>,
        act: &Act,
    ) -> Result<bool, StoreError> {
        run!(self, "clear_retention", Transaction, |session| {
            retention::clear(session, sort, queue, act).await
        })
    }

    async fn audit_seal(&self) -> Result<Option<Seal>, StoreError> {
        run!(self, "audit_seal", Read, |session| {
            seal::newest(session).await
        })
    }

    async fn seal_audit(&self, seal: &Seal, act: &Act) -> Result<Sealed, StoreError> {
        seal.check(self.id())?;
        run!(self, "seal_audit", Transaction, |session| {
            seal::put(session, seal, act).await
        })
    }

    async fn shorten_audit(&self, limit: u32) -> Result<u64, StoreError> {
        run!(self, "shorten_audit", Transaction, |session| {
            seal::shorten(session, limit).await
        })
    }
}
