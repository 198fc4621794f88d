use async_trait::async_trait;
use queue_core::{
    Act, AuditRecord, Closure, DeadLetter, Evidence, JobId, LetterChange, LetterFilter,
    OperatorStore, Page, ReplayBatch, Replayed, StoreError,
};

use crate::ops::{audit, letters};
use crate::store::SqliteStore;

#[async_trait]
impl OperatorStore for SqliteStore {
    async fn dead_letters(
        &self,
        filter: &LetterFilter,
        page: Page,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        let filter = filter.clone();
        self.read("listing dead letters", move |session| {
            letters::page(session, &filter, page)
        })
        .await
    }

    async fn dead_letter(&self, job: JobId) -> Result<Option<DeadLetter>, StoreError> {
        self.read("reading a dead letter", move |session| {
            letters::one(session, job)
        })
        .await
    }

    async fn attach_evidence(
        &self,
        job: JobId,
        evidence: Evidence,
        act: &Act,
    ) -> Result<LetterChange, StoreError> {
        let act = act.clone();
        self.write("attaching evidence", 1, move |session| {
            letters::attach(session, job, &evidence, &act)
        })
        .await
    }

    async fn replay(&self, batch: ReplayBatch, act: &Act) -> Result<Vec<Replayed>, StoreError> {
        let act = act.clone();
        self.write("replay", batch.letters().len(), move |session| {
            letters::replay(session, &batch, &act)
        })
        .await
    }

    async fn close(
        &self,
        job: JobId,
        closure: Closure,
        act: &Act,
    ) -> Result<LetterChange, StoreError> {
        let act = act.clone();
        self.write("closing a dead letter", 1, move |session| {
            letters::close(session, job, closure, &act)
        })
        .await
    }

    async fn audit(&self, page: Page) -> Result<Vec<AuditRecord>, StoreError> {
        self.read("reading the audit trail", move |session| {
            audit::page(session, page)
        })
        .await
    }
}
