use async_trait::async_trait;
use queue_core::{
    Act, Begun, JobSet, JobStore, NewRun, Page, PlanDigest, ReplayFacts, ReplayItem, ReplayRun,
    ReplayStore, RunApplied, RunBatch, RunEnd, RunId, RunLease, StoreError,
};

use crate::ops::runs;
use crate::store::SqliteStore;

#[async_trait]
impl ReplayStore for SqliteStore {
    async fn replay_facts(&self, jobs: &JobSet) -> Result<Vec<ReplayFacts>, StoreError> {
        let jobs = jobs.clone();
        self.read("looking at dead jobs", move |session| {
            runs::facts(session, &jobs)
        })
        .await
    }

    async fn begin_run(&self, run: NewRun, act: &Act) -> Result<Begun, StoreError> {
        let act = act.clone();
        self.write("beginning a run", 1, move |session| {
            runs::begin(session, &run, &act)
        })
        .await
    }

    async fn apply_to_run(
        &self,
        lease: &RunLease,
        batch: RunBatch,
        act: &Act,
    ) -> Result<RunApplied, StoreError> {
        lease.check(JobStore::id(self))?;
        let (lease, act) = (*lease, act.clone());
        self.write("applying a plan", batch.letters().len(), move |session| {
            runs::apply(session, &lease, &batch, &act)
        })
        .await
    }

    async fn watch_run(&self, lease: &RunLease) -> Result<Option<ReplayRun>, StoreError> {
        lease.check(JobStore::id(self))?;
        let lease = *lease;
        self.write("watching a run", 1, move |session| {
            runs::watch(session, &lease)
        })
        .await
    }

    async fn end_run(
        &self,
        lease: &RunLease,
        end: RunEnd,
        act: &Act,
    ) -> Result<Option<ReplayRun>, StoreError> {
        lease.check(JobStore::id(self))?;
        let (lease, act) = (*lease, act.clone());
        self.write("ending a run", 1, move |session| {
            runs::end(session, &lease, &end, &act)
        })
        .await
    }

    async fn run_of(&self, plan: &PlanDigest) -> Result<Option<ReplayRun>, StoreError> {
        let plan = plan.clone();
        self.read("reading a run", move |session| runs::of(session, &plan))
            .await
    }

    async fn runs(&self, page: Page) -> Result<Vec<ReplayRun>, StoreError> {
        self.read("listing runs", move |session| runs::page(session, page))
            .await
    }

    async fn run_items(&self, run: RunId, page: Page) -> Result<Vec<ReplayItem>, StoreError> {
        self.read("listing letters of a run", move |session| {
            runs::items(session, run, page)
        })
        .await
    }
}
