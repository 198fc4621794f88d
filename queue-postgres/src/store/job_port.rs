//! The port for jobs.

use std::time::Instant;

use async_trait::async_trait;
use queue_core::{
    Act, Cancelled, Checkpointed, ClaimRequest, Claimed, EnqueueBatch, Enqueued, ExpiredLease,
    Ground, Hastened, JobFilter, JobId, JobPage, JobStore, JobView, KindName, Lease, Maintained,
    Page, Portion, QueueChange, QueueName, QueueSettings, RenewBatch, Renewed, Retention,
    RetentionSort, Revision, SettleBatch, Settled, StageOutput, Stats, StoreError, StoreId,
    Subject, Timestamp, Wakeups,
};
use tokio::sync::oneshot;

use crate::fault::Fault;
use crate::intake::{FEW, enqueue_few};
use crate::ops::enqueue::Road;
use crate::ops::renew::Renewing;
use crate::ops::{
    checkpoint, days, enqueue, jobs, maintain, queues, renew, settle, stats, steer, sweep,
    thinning, view,
};
use crate::session::{Mode, Session, TRIES, pause};
use crate::store::{Handed, PostgresStore};

#[async_trait]
impl JobStore for PostgresStore {
    fn id(&self) -> StoreId {
        self.inner.setting.store
    }

    fn wakeups(&self) -> &Wakeups {
        if let Some(options) = &self.inner.listen {
            self.inner.bell.listen(options, &self.inner.setting);
        }
        self.inner.bell.wakeups()
    }

    async fn now(&self) -> Result<Timestamp, StoreError> {
        run!(self, "now", Read, |session| session.read_time().await)
    }

    async fn enqueue(&self, batch: EnqueueBatch) -> Result<Vec<Enqueued>, StoreError> {
        let jobs = batch.jobs();
        match (enqueue::road(jobs), jobs) {
            (Road::Plain, few) if few.len() <= FEW => {
                return enqueue_few(self, batch.into_jobs()).await;
            }
            (Road::Plain, many) => return self.enqueue_plain(many).await,
            (Road::Keyed, [job]) => {
                let stored = run!(self, "enqueue", Single, |session| {
                    enqueue::enqueue_keyed(session, job).await
                })?;
                if let Some(stored) = stored {
                    return Ok(vec![stored]);
                }
            }
            _ => {}
        }
        run!(self, "enqueue", Transaction, |session| {
            enqueue::enqueue(session, jobs).await
        })
    }

    async fn claim(&self, request: ClaimRequest) -> Result<Vec<Claimed>, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let store = self.clone();
        // On a task of its own: whoever stops waiting in the middle cannot leave leases behind.
        tokio::spawn(async move {
            let result = store.claim_now(&request).await;
            let _ = sender.send(result.map(|claimed| Handed {
                claimed: Some(claimed),
                store,
            }));
        });
        let handed = receiver.await.map_err(|_| StoreError::Unavailable {
            operation: "claim",
            detail: "the runtime is shutting down".to_owned(),
            cause: None,
        })?;
        Ok(handed?.claimed.take().unwrap_or_default())
    }

    async fn renew(&self, batch: RenewBatch) -> Result<Vec<Renewed>, StoreError> {
        self.check_leases(batch.leases().iter())?;
        let mut renewing = Renewing::of(&batch);
        loop {
            let answers = run!(self, "renew", Single, |session| {
                renew::renew_free(session, &renewing).await
            })?;
            renewing.heard(answers);
            if let Some((lease, held)) = renewing.next() {
                let answer = run!(self, "renew", Single, |session| {
                    renew::renew_one(session, &batch, lease, held).await
                })?;
                renewing.waited(answer);
            }
            if renewing.is_done() {
                return Ok(renewing.in_order());
            }
        }
    }

    async fn checkpoint(
        &self,
        lease: &Lease,
        output: StageOutput,
    ) -> Result<Checkpointed, StoreError> {
        self.check_leases(std::iter::once(lease))?;
        run!(self, "checkpoint", Transaction, |session| {
            checkpoint::checkpoint(session, lease, &output).await
        })
    }

    async fn settle(&self, batch: SettleBatch) -> Result<Vec<Settled>, StoreError> {
        self.check_leases(batch.settlements().iter().map(|s| &s.lease))?;
        let plain = match batch.ground() {
            _ if batch.settlements().len() == 1 => Some(run!(self, "settle", Single, |session| {
                settle::settle_plain(session, &batch).await
            })?),
            // Apart from the rest, which waits for turns: several sweep the same leases, and the holders
            // of turns may wait for what was put back here.
            Ground::Expired => Some(run!(self, "settle", Transaction, |session| {
                settle::settle_plain(session, &batch).await
            })?),
            Ground::Held => None,
        };
        let settled = match plain {
            Some(answers) if answers.are_complete(&batch) => answers.in_order(&batch),
            plain => run!(self, "settle", Transaction, |session| {
                settle::settle(session, &batch, plain.clone()).await
            })?,
        };
        if settle::publishes(&batch) {
            self.ring_here();
        }
        // A job that ended makes room where a queue bounds how many run.
        if !self.limited().is_empty() {
            self.ring();
        }
        Ok(settled)
    }

    async fn expired(&self, page: Page) -> Result<Vec<ExpiredLease>, StoreError> {
        run!(self, "expired", Read, |session| {
            sweep::expired(session, page).await
        })
    }

    async fn cancel(&self, job: JobId, act: &Act) -> Result<Cancelled, StoreError> {
        run!(self, "cancel", Transaction, |session| {
            steer::cancel(session, job, act).await
        })
    }

    async fn configure(
        &self,
        queue: &QueueName,
        change: QueueChange,
        act: &Act,
    ) -> Result<QueueSettings, StoreError> {
        run!(self, "configure", Transaction, |session| {
            queues::configure(session, queue, &change, act).await
        })
    }

    async fn queues(&self) -> Result<Vec<QueueSettings>, StoreError> {
        run!(self, "queues", Read, |session| queues::all(session).await)
    }

    async fn job(&self, job: JobId) -> Result<Option<JobView>, StoreError> {
        run!(self, "job", Read, |session| view::job(session, job).await)
    }

    async fn succeeded(
        &self,
        kind: &KindName,
        subject: &Subject,
    ) -> Result<Option<(JobId, Revision)>, StoreError> {
        let about = [(kind.clone(), subject.clone())];
        run!(self, "succeeded", Read, |session| {
            enqueue::last_successes(session, &about).await
        })
        .map(|mut found| found.pop_first().map(|(_, last)| last))
    }

    async fn live(&self, page: Page) -> Result<Vec<JobView>, StoreError> {
        run!(self, "live", Read, |session| view::live(session, page)
            .await)
    }

    async fn jobs(&self, filter: &JobFilter, page: Page) -> Result<JobPage, StoreError> {
        run!(self, "jobs", Read, |session| {
            jobs::page(session, filter, page).await
        })
    }

    async fn hasten(&self, job: JobId, act: &Act) -> Result<Hastened, StoreError> {
        run!(self, "hasten", Transaction, |session| {
            jobs::hasten(session, job, act).await
        })
    }

    async fn stats(&self) -> Result<Stats, StoreError> {
        run!(self, "stats", Read, |session| stats::stats(session).await)
    }

    async fn maintain(&self, retention: &Retention, limit: u32) -> Result<Maintained, StoreError> {
        let history = self.maintain_history(retention, limit).await?;
        let rest = run!(self, "maintain", Transaction, |session| {
            maintain::prune(session, retention, limit).await
        })?;
        Ok(Maintained {
            history: history.history,
            more: history.more || rest.more,
            ..rest
        })
    }

    async fn maintain_sort(
        &self,
        retention: &Retention,
        portion: Portion,
    ) -> Result<Maintained, StoreError> {
        if portion.sort == RetentionSort::History {
            return self.maintain_history(retention, portion.limit).await;
        }
        run!(self, "maintain", Transaction, |session| {
            maintain::of_sort(session, retention, portion).await
        })
    }
}

impl PostgresStore {
    /// Days that are to come, and an end for those that are over.
    async fn maintain_history(
        &self,
        retention: &Retention,
        limit: u32,
    ) -> Result<Maintained, StoreError> {
        loop {
            let created = run!(self, "maintain", Transaction, |session| {
                days::create_days(session).await
            });
            if put_off(created)? != Some(true) {
                break;
            }
        }
        let pruned = run!(self, "maintain", Transaction, |session| {
            thinning::prune_history(session, retention, limit).await
        });
        let history = put_off(pruned)?.unwrap_or_default();
        Ok(Maintained {
            history: history.removed,
            more: history.more,
            ..Maintained::default()
        })
    }
}

/// What could not have its lock in a second is left to the next upkeep.
fn put_off<T>(result: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(StoreError::Busy { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
