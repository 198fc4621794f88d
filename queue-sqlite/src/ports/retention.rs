use async_trait::async_trait;
use queue_core::{
    Act, JobStore, QueueName, Retention, RetentionRule, RetentionSort, RetentionStore, Seal,
    Sealed, StoreError,
};

use crate::ops::{retention, seal};
use crate::store::SqliteStore;

#[async_trait]
impl RetentionStore for SqliteStore {
    async fn retention(&self) -> Result<Retention, StoreError> {
        self.read("reading the rules of retention", retention::all)
            .await
    }

    async fn set_retention(&self, rule: &RetentionRule, act: &Act) -> Result<bool, StoreError> {
        let (rule, act) = (rule.clone(), act.clone());
        self.write("setting a rule of retention", 1, move |session| {
            retention::set(session, &rule, &act)
        })
        .await
    }

    async fn clear_retention(
        &self,
        sort: RetentionSort,
        queue: Option<&QueueName>,
        act: &Act,
    ) -> Result<bool, StoreError> {
        let (queue, act) = (queue.cloned(), act.clone());
        self.write("clearing a rule of retention", 1, move |session| {
            retention::clear(session, sort, queue.as_ref(), &act)
        })
        .await
    }

    async fn audit_seal(&self) -> Result<Option<Seal>, StoreError> {
        self.read("reading the audit trail", seal::newest).await
    }

    async fn seal_audit(&self, seal: &Seal, act: &Act) -> Result<Sealed, StoreError> {
        seal.check(self.id())?;
        let (new, act) = (seal.clone(), act.clone());
        self.write("sealing the audit trail", 1, move |session| {
            seal::put(session, &new, &act)
        })
        .await
    }

    async fn shorten_audit(&self, limit: u32) -> Result<u64, StoreError> {
        let weight = usize::try_from(limit).unwrap_or(usize::MAX);
        self.write("shortening the audit trail", weight, move |session| {
            seal::shorten(session, limit)
        })
        .await
    }
}
