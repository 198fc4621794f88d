use async_trait::async_trait;
use queue_core::{
    Act, Amended, AuditEntry, AuditFilter, AuditList, AuditPage, ChannelName, Closure, DeadLetter,
    Evidence, GroupBy, JobId, JobSet, LetterChange, LetterFilter, LetterGroups, LetterList,
    LetterPage, NewSuppression, NotificationChange, OperatorStore, Page, Payload, Recipient,
    ReplayBatch, Replayed, ServiceAct, StoreError, Suppression, VerbBatch,
};

use crate::ops::{audit, channel, letters, replay, suppression, triage, verdict};
use crate::store::SqliteStore;

#[async_trait]
impl OperatorStore for SqliteStore {
    async fn letters(
        &self,
        filter: &LetterFilter,
        page: LetterPage,
    ) -> Result<LetterList, StoreError> {
        let filter = filter.clone();
        self.read("listing dead letters", move |session| {
            triage::page(session, &filter, page)
        })
        .await
    }

    async fn letter_groups(
        &self,
        filter: &LetterFilter,
        by: GroupBy,
    ) -> Result<LetterGroups, StoreError> {
        let filter = filter.clone();
        self.read("counting dead letters", move |session| {
            triage::groups(session, &filter, by)
        })
        .await
    }

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

    async fn attach_evidence_to(
        &self,
        jobs: &JobSet,
        evidence: Evidence,
        act: &Act,
    ) -> Result<Vec<LetterChange>, StoreError> {
        let (jobs, act) = (jobs.clone(), act.clone());
        self.write("attaching evidence", jobs.jobs().len(), move |session| {
            let attach = |job: &JobId| letters::attach(session, *job, &evidence, &act);
            jobs.jobs().iter().map(attach).collect()
        })
        .await
    }

    async fn replay(&self, batch: ReplayBatch, act: &Act) -> Result<Vec<Replayed>, StoreError> {
        let act = act.clone();
        self.write("replay", batch.letters().len(), move |session| {
            replay::replay(session, &batch, &act)
        })
        .await
    }

    async fn amend(
        &self,
        job: JobId,
        version: i64,
        payload: Payload,
        act: &Act,
    ) -> Result<Amended, StoreError> {
        let act = act.clone();
        self.write("amending a payload", 1, move |session| {
            letters::amend(session, job, version, &payload, &act)
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

    async fn decide_notifications(
        &self,
        batch: VerbBatch,
        act: &Act,
    ) -> Result<Vec<NotificationChange>, StoreError> {
        let act = act.clone();
        let weight = batch.targets().len();
        let changes = self
            .write("deciding on notifications", weight, move |session| {
                verdict::decide(session, &batch, &act)
            })
            .await?;
        self.ring();
        Ok(changes)
    }

    async fn suppressions(
        &self,
        channel: Option<&ChannelName>,
        page: Page,
    ) -> Result<Vec<Suppression>, StoreError> {
        let channel = channel.cloned();
        self.read("listing suppressions", move |session| {
            suppression::page(session, channel.as_ref(), page)
        })
        .await
    }

    async fn suppress(&self, suppression: NewSuppression, act: &Act) -> Result<(), StoreError> {
        let act = act.clone();
        self.write("suppressing a recipient", 1, move |session| {
            suppression::add(session, &suppression, &act)
        })
        .await
    }

    async fn unsuppress(
        &self,
        channel: &ChannelName,
        recipient: &Recipient,
        act: &Act,
    ) -> Result<bool, StoreError> {
        let (channel, recipient, act) = (channel.clone(), recipient.clone(), act.clone());
        self.write("taking a recipient off the list", 1, move |session| {
            suppression::remove(session, &channel, &recipient, &act)
        })
        .await
    }

    async fn pause_channel(
        &self,
        channel: &ChannelName,
        paused: bool,
        act: &Act,
    ) -> Result<bool, StoreError> {
        let (channel, act) = (channel.clone(), act.clone());
        let changed = self
            .write("pausing a channel", 1, move |session| {
                channel::pause(session, &channel, paused, &act)
            })
            .await?;
        self.ring();
        Ok(changed)
    }

    async fn record(&self, own: &ServiceAct, act: &Act) -> Result<(), StoreError> {
        let entry = AuditEntry::service(act, own);
        self.write("recording an act", 1, move |session| {
            audit::record(session, entry.clone())
        })
        .await
    }

    async fn audit(&self, filter: &AuditFilter, page: AuditPage) -> Result<AuditList, StoreError> {
        let filter = filter.clone();
        self.read("reading the audit trail", move |session| {
            audit::page(session, &filter, page)
        })
        .await
    }
}
