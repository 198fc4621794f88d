use super::state::State;
use crate::{
    Applied, Checkpointed, Completion, ExpiredLease, Failure, FailureRecord, Ground, JobState,
    JobView, Lease, Page, Payload, RenewBatch, Renewed, Requeue, SettleBatch, Settled, StageOutput,
    StoreId, Timestamp, Transition, overruled_by_cancel,
};

impl State {
    /// The job, if the lease is the one the ground asks for.
    fn leased(&mut self, now: Timestamp, lease: &Lease, ground: Ground) -> Option<&mut JobView> {
        self.live.get_mut(&lease.job()).filter(|job| {
            let until = job.held.as_ref().map(|(_, until)| *until);
            job.fence == lease.fence()
                && until.is_some_and(|until| match ground {
                    Ground::Held => until > now,
                    Ground::Expired => until <= now,
                })
        })
    }

    pub(super) fn renew(&mut self, now: Timestamp, batch: &RenewBatch) -> Vec<Renewed> {
        let expires_at = now + batch.lease();
        let renew = |lease: &Lease| match self.leased(now, lease, Ground::Held) {
            None => Renewed::LeaseLost,
            Some(job) => {
                if let Some((_, until)) = &mut job.held {
                    *until = expires_at;
                }
                if let Some(report) = batch.report(lease.job()) {
                    job.report = Some(report.clone());
                }
                Renewed::Extended {
                    expires_at,
                    cancel_requested: job.cancel_requested,
                }
            }
        };
        batch.leases().iter().map(renew).collect()
    }

    pub(super) fn checkpoint(
        &mut self,
        now: Timestamp,
        lease: &Lease,
        output: StageOutput,
    ) -> Checkpointed {
        let stored = self
            .stages
            .get(&lease.job())
            .is_some_and(|stages| stages.contains_key(&output.stage));
        let Some(job) = self.leased(now, lease, Ground::Held) else {
            return Checkpointed::LeaseLost;
        };
        if stored {
            return Checkpointed::AlreadyStored;
        }
        job.progress = job.progress.after_checkpoint(&output.stage);
        let cancel_requested = job.cancel_requested;
        self.stages
            .entry(lease.job())
            .or_default()
            .insert(output.stage, output.output);
        Checkpointed::Stored { cancel_requested }
    }

    pub(super) fn expired(&self, store: StoreId, now: Timestamp, page: Page) -> Vec<ExpiredLease> {
        let mut expired: Vec<_> = self
            .live
            .values()
            .filter_map(|job| job.held.as_ref().map(|(_, until)| (*until, job)))
            .filter(|(until, _)| *until <= now)
            .collect();
        expired.sort_by_key(|(until, job)| (*until, job.id));
        let listed = |(until, job): (Timestamp, &JobView)| ExpiredLease {
            lease: Lease::granted(store, job.id, job.fence, until),
            queue: job.queue.clone(),
            kind: job.kind.clone(),
            progress: job.progress.clone(),
            max_attempts: job.max_attempts,
        };
        expired
            .into_iter()
            .take(page.limit() as usize)
            .map(listed)
            .collect()
    }

    pub(super) fn settle(&mut self, now: Timestamp, batch: SettleBatch) -> Vec<Settled> {
        let ground = batch.ground();
        batch
            .into_settlements()
            .into_iter()
            .map(|settlement| {
                self.settle_one(now, ground, &settlement.lease, settlement.transition)
            })
            .collect()
    }

    fn settle_one(
        &mut self,
        now: Timestamp,
        ground: Ground,
        lease: &Lease,
        transition: Transition,
    ) -> Settled {
        let Some(job) = self.leased(now, lease, ground) else {
            return Settled::LeaseLost;
        };
        if job.cancel_requested && overruled_by_cancel(&transition) {
            let result = Payload::of_cancellation("cancel requested");
            self.finish(now, lease.job(), JobState::Cancelled, Some(result));
            return Settled::CancelRequested;
        }
        match transition {
            Transition::Finish(completion) => self.complete(now, lease, completion),
            Transition::Requeue(requeue) => self.requeue(now, lease, requeue),
            Transition::Bury(burial) => self.bury(now, lease.job(), &burial),
            Transition::Cancel { reason } => {
                let result = Some(Payload::of_cancellation(&reason));
                self.finish(now, lease.job(), JobState::Cancelled, result);
                Settled::to(JobState::Cancelled)
            }
        }
    }

    fn complete(&mut self, now: Timestamp, lease: &Lease, completion: Completion) -> Settled {
        let id = lease.job();
        let notifications: Vec<_> = completion
            .notifications
            .iter()
            .map(|new| self.publish(now, Some(id), new))
            .collect();
        let required = completion.notifications.iter().zip(&notifications);
        let outstanding: std::collections::BTreeSet<_> = required
            .filter(|(new, _)| new.required)
            .map(|(_, published)| published.id())
            .filter(|id| {
                self.notifications
                    .get(id)
                    .is_some_and(|row| !row.state.is_settled())
            })
            .collect();
        let state = if outstanding.is_empty() {
            self.finish(now, id, JobState::Succeeded, completion.result);
            JobState::Succeeded
        } else {
            if let Some(job) = self.live.get_mut(&id) {
                job.state = JobState::AwaitingDelivery;
                job.held = None;
                job.result = completion.result;
                let left = job.clone();
                self.admit_next(now, &left);
            }
            self.requirements.insert(id, outstanding);
            JobState::AwaitingDelivery
        };
        let follow_ups = self.enqueue(now, &completion.follow_ups);
        Settled::Applied(Applied {
            state,
            follow_ups,
            notifications,
        })
    }

    fn requeue(&mut self, now: Timestamp, lease: &Lease, requeue: Requeue) -> Settled {
        if let Some(job) = self.live.get_mut(&lease.job()) {
            job.state = JobState::Queued;
            job.run_at = requeue.run_at.resolve(now);
            job.progress = requeue.progress;
            job.held = None;
            if let Some(failure) = requeue.failure {
                record_failure(now, job, &failure);
            }
        }
        self.choose_again(now, lease.job());
        Settled::to(JobState::Queued)
    }
}

pub(super) fn record_failure(now: Timestamp, job: &mut JobView, failure: &Failure) {
    let first_at = job.failure.as_ref().map_or(now, |earlier| earlier.first_at);
    job.failure = Some(FailureRecord {
        class: failure.class.clone(),
        message: failure.message.clone(),
        first_at,
        last_at: now,
    });
}
