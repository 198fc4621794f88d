//! The port for operators: dead letters, evidence, audit.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::{
    Act, AuditRecord, Closure, DeadLetter, Evidence, JobId, LetterChange, LetterFilter, Page,
    ReplayBatch, Replayed, StoreError,
};

/// What operators do. Each mutation writes its audit records in the same transaction.
#[async_trait]
pub trait OperatorStore: Debug + Send + Sync + 'static {
    /// Dead letters by job id.
    async fn dead_letters(
        &self,
        filter: &LetterFilter,
        page: Page,
    ) -> Result<Vec<DeadLetter>, StoreError>;

    /// One dead letter with its evidence.
    async fn dead_letter(&self, job: JobId) -> Result<Option<DeadLetter>, StoreError>;

    /// Attaches evidence to a dead letter that is open or escalated.
    async fn attach_evidence(
        &self,
        job: JobId,
        evidence: Evidence,
        act: &Act,
    ) -> Result<LetterChange, StoreError>;

    /// Queues jobs again, each on its own: those that cannot be replayed change nothing.
    async fn replay(&self, batch: ReplayBatch, act: &Act) -> Result<Vec<Replayed>, StoreError>;

    /// Ends a dead letter without a replay.
    async fn close(
        &self,
        job: JobId,
        closure: Closure,
        act: &Act,
    ) -> Result<LetterChange, StoreError>;

    /// The audit trail by sequence number.
    async fn audit(&self, page: Page) -> Result<Vec<AuditRecord>, StoreError>;
}
