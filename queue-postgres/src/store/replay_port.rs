//! The port for replays that somebody has reviewed.

use std::time::Instant;

use async_trait::async_trait;
use queue_core::{
    Act, Begun, JobSet, JobStore, NewRun, Page, PlanDigest, ReplayFacts, ReplayItem, ReplayRun,
    ReplayStore, RunApplied, RunBatch, RunEnd, RunId, RunLease, StoreError,
};

use crate::fault::Fault;
use crate::ops::runs;
use crate::session::{Mode, Session, TRIES, pause};
use crate::store::PostgresStore;

#[async_trait]
impl ReplayStore for PostgresStore {
    async fn replay_facts(&self, jobs: &JobSet) -> Result<Vec<ReplayFacts>, StoreError> {
        run!(self, "replay_facts", Read, |session| {
            runs::facts(session, jobs).await
        })
    }

    async fn begin_run(&self, run: NewRun, act: &Act) -> Result<Begun, StoreError> {
        run!(self, "begin_run", Transaction, |session| {
            runs::begin(session, &run, act).await
        })
    }

    async fn apply_to_run(
        &self,
        lease: &RunLease,
        batch: RunBatch,
        act: &Act,
    ) -> Result<RunApplied, StoreError> {
        lease.check(self.id())?;
        run!(self, "apply_to_run", Transaction, |session| {
            runs::apply(session, lease, &batch, act).await
        })
    }

    async fn watch_run(&self, lease: &RunLease) -> Result<Option<ReplayRun>, StoreError> {
        lease.check(self.id())?;
        run!(self, "watch_run", Transaction, |session| {
            runs::watch(session, lease).await
        })
    }

    async fn end_run(
        &self,
        lease: &RunLease,
        end: RunEnd,
        act: &Act,
    ) -> Result<Option<ReplayRun>, StoreError> {
        lease.check(self.id())?;
        run!(self, "end_run", Transaction, |session| {
            runs::end(session, lease, &end, act).await
        })
    }

    async fn run_of(&self, plan: &PlanDigest) -> Result<Option<ReplayRun>, StoreError> {
        run!(self, "run_of", Read, |session| {
            runs::of(session, plan).await
        })
    }

    async fn runs(&self, page: Page) -> Result<Vec<ReplayRun>, StoreError> {
        run!(self, "runs", Read, |session| {
            runs::page(session, page).await
        })
    }

    async fn run_items(&self, run: RunId, page: Page) -> Result<Vec<ReplayItem>, StoreError> {
        run!(self, "run_items", Read, |session| {
            runs::items(session, run, page).await
        })
    }
}
