//! The port for operators.

use std::time::Instant;

use async_trait::async_trait;
use queue_core::{
    Act, Amended, AuditEntry, AuditFilter, AuditList, AuditPage, ChannelName, Closure, DeadLetter,
    Evidence, GroupBy, JobId, JobSet, LetterChange, LetterFilter, LetterGroups, LetterList,
    LetterPage, NewSuppression, NotificationChange, OperatorStore, Page, Payload, Recipient,
    ReplayBatch, Replayed, ServiceAct, StoreError, Suppression, VerbBatch,
};

use crate::fault::Fault;
use crate::ops::{audit, channel, letters, replay, suppression, triage, verdict};
use crate::session::{Mode, Session, TRIES, pause};
use crate::store::PostgresStore;

#[async_trait]
impl OperatorStore for PostgresStore {
    async fn letters(
        &self,
        filter: &LetterFilter,
        page: LetterPage,
    ) -> Result<LetterList, StoreError> {
        run!(self, "letters", Read, |session| {
            triage::page(session, filter, page).await
        })
    }

    async fn letter_groups(
        &self,
        filter: &LetterFilter,
        by: GroupBy,
    ) -> Result<LetterGroups, StoreError> {
        run!(self, "letter_groups", Read, |session| {
            triage::groups(session, filter, by).await
        })
    }

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

    async fn attach_evidence_to(
        &self,
        jobs: &JobSet,
        evidence: Evidence,
        act: &Act,
    ) -> Result<Vec<LetterChange>, StoreError> {
        run!(self, "attach_evidence", Transaction, |session| {
            letters::attach_evidence(session, jobs, &evidence, act).await
        })
    }

    async fn replay(&self, batch: ReplayBatch, act: &Act) -> Result<Vec<Replayed>, StoreError> {
        run!(self, "replay", Transaction, |session| {
            replay::replay(session, &batch, act).await
        })
    }

    async fn amend(
        &self,
        job: JobId,
        version: i64,
        payload: Payload,
        act: &Act,
    ) -> Result<Amended, StoreError> {
        run!(self, "amend", Transaction, |session| {
            letters::amend(session, job, version, &payload, act).await
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

    async fn decide_notifications(
        &self,
        batch: VerbBatch,
        act: &Act,
    ) -> Result<Vec<NotificationChange>, StoreError> {
        let changes = run!(self, "decide_notifications", Transaction, |session| {
            verdict::decide(session, &batch, act).await
        })?;
        self.ring_here();
        Ok(changes)
    }

    async fn suppressions(
        &self,
        channel: Option<&ChannelName>,
        page: Page,
    ) -> Result<Vec<Suppression>, StoreError> {
        run!(self, "suppressions", Read, |session| {
            suppression::page(session, channel, page).await
        })
    }

    async fn suppress(&self, suppression: NewSuppression, act: &Act) -> Result<(), StoreError> {
        run!(self, "suppress", Transaction, |session| {
            suppression::add(session, &suppression, act).await
        })
    }

    async fn unsuppress(
        &self,
        channel: &ChannelName,
        recipient: &Recipient,
        act: &Act,
    ) -> Result<bool, StoreError> {
        run!(self, "unsuppress", Transaction, |session| {
            suppression::remove(session, channel, recipient, act).await
        })
    }

    async fn pause_channel(
        &self,
        channel: &ChannelName,
        paused: bool,
        act: &Act,
    ) -> Result<bool, StoreError> {
        let changed = run!(self, "pause_channel", Transaction, |session| {
            channel::pause(session, channel, paused, act).await
        })?;
        self.ring_here();
        Ok(changed)
    }

    async fn record(&self, own: &ServiceAct, act: &Act) -> Result<(), StoreError> {
        run!(self, "record", Transaction, |session| {
            audit::record(session, AuditEntry::service(act, own)).await
        })
    }

    async fn audit(&self, filter: &AuditFilter, page: AuditPage) -> Result<AuditList, StoreError> {
        run!(self, "audit", Read, |session| {
            audit::page(session, filter, page).await
        })
    }
}
