//! The port for operators.

use std::time::Instant;

use async_trait::async_trait;
use queue_core::{
    Act, AuditRecord, Closure, DeadLetter, Evidence, JobId, LetterChange, LetterFilter,
    OperatorStore, Page, ReplayBatch, Replayed, StoreError,
};

use crate::fault::Fault;
use crate::ops::{audit, letters};
use crate::session::{Mode, Session, TRIES, pause};
use crate::store::PostgresStore;

#[async_trait]
impl OperatorStore for PostgresStore {
    async fn dead_letters(
        &self,
        filter: &LetterFilter,
        page: Page,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        run!(self, "dead_letters", Read, |session| {
            letters::page(session, filter, page).await
        })
    }

    async fn dead_letter(&self, job: JobId) -> Result<Option<DeadLetter>, StoreError> {
        run!(self, "dead_letter", Read, |session| {
            letters::one(session, job).await
        })
    }

    async fn attach_evidence(
        &self,
        job: JobId,
        evidence: Evidence,
        act: &Act,
    ) -> Result<LetterChange, StoreError> {
        run!(self, "attach_evidence", Transaction, |session| {
            letters::attach_evidence(session, job, &evidence, act).await
        })
    }

    async fn replay(&self, batch: ReplayBatch, act: &Act) -> Result<Vec<Replayed>, StoreError> {
        run!(self, "replay", Transaction, |session| {
            letters::replay(session, &batch, act).await
        })
    }

    async fn close(
        &self,
        job: JobId,
        closure: Closure,
        act: &Act,
    ) -> Result<LetterChange, StoreError> {
        run!(self, "close", Transaction, |session| {
            letters::close(session, job, closure, act).await
        })
    }

    async fn audit(&self, page: Page) -> Result<Vec<AuditRecord>, StoreError> {
        run!(self, "audit", Read, |session| {
            audit::page(session, page).await
        })
    }
}
