use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use super::state::State;
use crate::{
    ClaimRequest, Claimed, JobId, JobState, Lease, QueueName, StageOutput, StoreId, TenantName,
    Timestamp, limits,
};

impl State {
    pub(super) fn claim(
        &mut self,
        store: StoreId,
        now: Timestamp,
        request: &ClaimRequest,
    ) -> Vec<Claimed> {
        let mut claimed = Vec::new();
        for queue in request.queues() {
            let room = request.limit() as usize - claimed.len();
            let ids = self.choose(now, queue, request, u32::try_from(room).unwrap_or(u32::MAX));
            claimed.extend(
                ids.into_iter()
                    .filter_map(|id| self.lease(store, now, id, request)),
            );
        }
        claimed
    }

    /// The jobs to hand out, in order, within the queue's limits.
    fn choose(
        &mut self,
        now: Timestamp,
        queue: &QueueName,
        request: &ClaimRequest,
        wanted: u32,
    ) -> Vec<JobId> {
        let mut ready = self.ready(now, queue, request);
        let running = self.running(now, queue);
        let Some(row) = self
            .queues
            .get_mut(queue)
            .filter(|row| row.settings.limits_claims())
        else {
            ready.truncate(wanted as usize);
            return ready.into_iter().map(|(id, _)| id).collect();
        };
        let bucket = match (&row.settings.rate, row.bucket) {
            (Some(rate), Some(bucket)) => Some(bucket.refilled(rate, now)),
            _ => None,
        };
        let allowed = row.settings.allowance(wanted, running, bucket) as usize;
        let chosen = if row.settings.fair {
            let chosen = take_turns(ready, row.last_served.as_ref(), allowed);
            if let Some((_, lane)) = chosen.last() {
                row.last_served = Some(lane.clone());
            }
            chosen
        } else {
            ready.truncate(allowed);
            ready
        };
        row.bucket = bucket.map(|b| b.less(u32::try_from(chosen.len()).unwrap_or(u32::MAX)));
        chosen.into_iter().map(|(id, _)| id).collect()
    }

    /// All jobs that may run now, in claim order, each with its lane.
    fn ready(
        &self,
        now: Timestamp,
        queue: &QueueName,
        request: &ClaimRequest,
    ) -> Vec<(JobId, Option<TenantName>)> {
        let mut ready: Vec<_> = self
            .live
            .values()
            .filter(|job| {
                job.state == JobState::Queued
                    && job.queue == *queue
                    && !job.waits_for_turn
                    && job.run_at <= now
                    && request
                        .only_kinds()
                        .is_none_or(|kinds| kinds.contains(&job.kind))
            })
            .collect();
        ready.sort_by_key(|job| (Reverse(job.priority), job.run_at, job.id));
        ready
            .into_iter()
            .map(|job| (job.id, job.tenant.clone()))
            .collect()
    }

    fn running(&self, now: Timestamp, queue: &QueueName) -> u64 {
        let current = |job: &&crate::JobView| {
            job.queue == *queue && job.held.as_ref().is_some_and(|(_, until)| *until > now)
        };
        self.live.values().filter(current).count() as u64
    }

    fn lease(
        &mut self,
        store: StoreId,
        now: Timestamp,
        id: JobId,
        request: &ClaimRequest,
    ) -> Option<Claimed> {
        let job = self.live.get_mut(&id)?;
        let expires_at = now + request.lease();
        job.state = JobState::Running;
        job.fence = crate::Fence::new(job.fence.get() + 1);
        job.progress.attempt = job.progress.attempt.saturating_add(1);
        job.held = Some((request.worker().clone(), expires_at));
        let stages = self.stages.get(&id).into_iter().flatten();
        Some(Claimed {
            lease: Lease::granted(store, id, job.fence, expires_at),
            queue: job.queue.clone(),
            kind: job.kind.clone(),
            payload: job.payload.clone(),
            priority: job.priority,
            run_at: job.run_at,
            created_at: job.created_at,
            progress: job.progress.clone(),
            max_attempts: job.max_attempts,
            tenant: job.tenant.clone(),
            ordering_key: job.ordering_key.clone(),
            subject: job.subject.clone(),
            headers: job.headers.clone(),
            first_failure_at: job.failure.as_ref().map(|failure| failure.first_at),
            stages: stages
                .map(|(stage, output)| StageOutput {
                    stage: stage.clone(),
                    output: output.clone(),
                })
                .collect(),
        })
    }
}

/// One job of each lane in turn, until `limit`.
fn take_turns(
    ready: Vec<(JobId, Option<TenantName>)>,
    last_served: Option<&Option<TenantName>>,
    limit: usize,
) -> Vec<(JobId, Option<TenantName>)> {
    let mut lanes: BTreeMap<Option<TenantName>, VecDeque<JobId>> = BTreeMap::new();
    for (id, lane) in ready {
        lanes.entry(lane).or_default().push_back(id);
    }
    let order = limits::turns(lanes.keys().cloned().collect(), last_served);
    let mut taken = Vec::new();
    while taken.len() < limit {
        let before = taken.len();
        for lane in &order {
            if taken.len() < limit
                && let Some(id) = lanes.get_mut(lane).and_then(VecDeque::pop_front)
            {
                taken.push((id, lane.clone()));
            }
        }
        if taken.len() == before {
            break;
        }
    }
    taken
}
