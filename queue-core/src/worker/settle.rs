//! Writing what attempts came to: as many at a time as have ended meanwhile, none held back.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::telemetry::{self, Ending};
use crate::worker::core::{Core, Ended, How};
use crate::worker::execute::decided;
use crate::worker::holding::Holding;
use crate::{
    ErrorClass, Failure, Jitter, JobState, Outcome, RetryPolicy, RunAt, SettleBatch, Settled,
    Settlement, StoreError, Transition,
};

/// The most of one batch, so that no commit takes long.
const MOST: usize = 1000;

/// Settles until no attempt can end any more, and what has ended by then is settled.
pub(crate) async fn settle<S>(
    core: Arc<Core<S>>,
    mut ended: mpsc::UnboundedReceiver<Ended>,
    all_ended: CancellationToken,
) {
    let mut batch = Vec::with_capacity(MOST);
    loop {
        tokio::select! {
            biased;
            _ = ended.recv_many(&mut batch, MOST) => {}
            () = all_ended.cancelled() => break,
        }
        // While one batch is being written the next one gathers.
        let begun = Instant::now();
        write(&core, &mut batch).await;
        core.pace.settled(begun.elapsed());
    }
}

/// Writes a batch, or as much of it as can be written.
pub(crate) async fn write<S>(core: &Core<S>, batch: &mut Vec<Ended>) {
    let mut work = vec![std::mem::take(batch)];
    while let Some(mut some) = work.pop() {
        count_settled(core, &mut some);
        if some.is_empty() {
            continue;
        }
        match attempt(core, &some).await {
            Ok(answers) => {
                for (ended, settled) in some.iter().zip(&answers) {
                    answered(core, ended, settled);
                }
                core.hands.let_go(some.iter().map(|ended| &ended.holding));
            }
            // The database was away for longer than the leases lasted.
            Err(error) if error.is_transient() => {
                let jobs = some.len();
                tracing::error!(%error, jobs, "not settled: their leases have run out");
                core.hands.let_go(some.iter().map(|ended| &ended.holding));
            }
            // One of them is what the store did not take: it is found by halves.
            Err(_) if some.len() > 1 => {
                let rest = some.split_off(some.len() / 2);
                work.push(rest);
                work.push(some);
            }
            Err(error) => {
                if let Some(refused) = some.pop().and_then(|ended| refused(core, ended, &error)) {
                    work.push(vec![refused]);
                }
            }
        }
    }
    // For the next one.
    batch.clear();
}

/// Takes out those that their handlers have settled.
fn count_settled<S>(core: &Core<S>, batch: &mut Vec<Ended>) {
    let settled: Vec<_> = batch
        .extract_if(.., |ended| matches!(ended.how, How::Settled(_)))
        .collect();
    for ended in &settled {
        if let How::Settled(state) = ended.how {
            count(core, &ended.holding, Ending::of(state, false));
        }
    }
    if !settled.is_empty() {
        core.hands
            .let_go(settled.iter().map(|ended| &ended.holding));
        // What follows from them was stored with them.
        core.store().wakeups().ring();
    }
}

/// Tries until the store answers, or until none of the leases can be current any more.
async fn attempt<S>(core: &Core<S>, batch: &[Ended]) -> Result<Vec<Settled>, StoreError> {
    let mut trouble = Backoff::trouble();
    let mut again = false;
    loop {
        let settlements = batch.iter().filter_map(|ended| match &ended.how {
            How::Settle(transition) => Some(Settlement {
                lease: ended.holding.lease(),
                transition: transition.clone(),
            }),
            How::Settled(_) => None,
        });
        let result = match SettleBatch::new(settlements.collect()) {
            Ok(batch) => core.store().settle(batch).await,
            Err(invalid) => Err(invalid.into()),
        };
        let now = Instant::now();
        match result {
            Err(error)
                if error.is_transient()
                    && batch.iter().any(|ended| ended.holding.is_current(now)) =>
            {
                tracing::debug!(%error, jobs = batch.len(), "not settled yet; trying again");
                tokio::time::sleep(trouble.next(Jitter::random())).await;
                again = true;
            }
            Ok(mut answers) if again => {
                for (ended, answer) in batch.iter().zip(&mut answers) {
                    if *answer == Settled::LeaseLost
                        && let Some(state) = written_before(core, ended).await
                    {
                        *answer = Settled::to(state);
                    }
                }
                return Ok(answers);
            }
            other => return other,
        }
    }
}

/// A try whose answer was lost may have been written: then the job is where it was to go, and nobody
/// has claimed it since.
async fn written_before<S>(core: &Core<S>, ended: &Ended) -> Option<JobState> {
    let How::Settle(transition) = &ended.how else {
        return None;
    };
    let lease = ended.holding.lease();
    // If this cannot be told either, the lease counts as lost.
    let job = core.store().job(lease.job()).await.ok().flatten()?;
    let there = job.state == transition.target()
        || job.state == JobState::AwaitingDelivery && transition.target() == JobState::Succeeded;
    (there && job.fence == lease.fence()).then_some(job.state)
}

/// What becomes of an attempt that cannot be written as it is: what it came to is too much, say.
fn refused<S>(core: &Core<S>, ended: Ended, error: &StoreError) -> Option<Ended> {
    let holding = &ended.holding;
    let again = matches!(&ended.how, How::Settle(Transition::Bury(burial))
        if burial.failure.class == ErrorClass::outcome_refused());
    if again {
        tracing::error!(%error, job = %holding.job.id(), "not settled: its lease will run out");
        core.hands.let_go([holding]);
        return None;
    }
    let failure = Failure::permanent(
        ErrorClass::outcome_refused(),
        format!("what the handler came to could not be stored: {error}"),
    );
    tracing::warn!(job = %holding.job.id(), error_class = %failure.class, error = %failure.message, "an attempt failed");
    let policy = RetryPolicy::default();
    let transition = decided(holding, Outcome::Failed(failure), &policy);
    Some(Ended {
        how: How::Settle(transition),
        ..ended
    })
}

fn answered<S>(core: &Core<S>, ended: &Ended, settled: &Settled) {
    let requeue = match &ended.how {
        How::Settle(Transition::Requeue(requeue)) => Some(requeue),
        _ => None,
    };
    let failed = requeue.is_some_and(|requeue| requeue.failure.is_some());
    let ending = match settled {
        Settled::Applied(applied) => Ending::of(applied.state, failed),
        Settled::CancelRequested => Ending::Cancelled,
        Settled::LeaseLost if ended.holding.completed().is_some() => {
            tracing::error!(
                job = %ended.holding.job.id(),
                "the handler ended its job by complete_in and returned something else: that is dropped"
            );
            let state = ended.holding.completed();
            Ending::of(state.unwrap_or(JobState::Succeeded), false)
        }
        Settled::LeaseLost => {
            telemetry::fence_rejected("settle", 1);
            tracing::warn!(
                job = %ended.holding.job.id(),
                "the lease was lost: what the attempt came to was refused"
            );
            Ending::LeaseLost
        }
    };
    if let (Settled::Applied(_), Some(RunAt::In(delay))) = (settled, requeue.map(|r| r.run_at)) {
        core.due.after(delay);
    }
    count(core, &ended.holding, ending);
}

fn count<S>(core: &Core<S>, holding: &Holding, ending: Ending) {
    core.tally.count(ending);
    if let Some(known) = core.known(&holding.job.kind) {
        known.meters(&holding.job.queue).settled(ending);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;
    use crate::worker::fetch::claim_from;
    use crate::{
        Completion, Context, JobError, Kind, KindName, MAX_BATCH, NewJob, Payload, Queue,
        QueueName, Worker,
    };

    /// One outcome that no store takes, among others: it alone is refused.
    #[tokio::test]
    async fn one_that_cannot_be_stored_takes_nobody_with_it() {
        let queue = Queue::new(MemoryStore::default());
        let job = NewJob::new(
            QueueName::new("default").unwrap(),
            KindName::new("k").unwrap(),
            Payload::json(&1).unwrap(),
        );
        queue.enqueue_all(vec![job.clone(); 7]).await.unwrap();
        let worker = Worker::builder(queue)
            .handle_payload(Kind::new("k").unwrap(), |_: Payload, _: Context| async {
                Ok::<_, JobError>(())
            })
            .build()
            .unwrap();
        let core = &worker.core;
        let held = claim_from(core, &core.sources[0], 7).await.unwrap();
        let mut batch: Vec<Ended> = held
            .iter()
            .enumerate()
            .map(|(n, holding)| Ended {
                holding: Arc::clone(holding),
                how: How::Settle(Transition::Finish(Completion {
                    follow_ups: vec![job.clone(); if n == 4 { MAX_BATCH + 1 } else { 0 }],
                    ..Completion::default()
                })),
            })
            .collect();
        write(core, &mut batch).await;
        for (n, holding) in held.iter().enumerate() {
            let view = core.store().job(holding.job.id()).await.unwrap().unwrap();
            let state = if n == 4 {
                JobState::Dead
            } else {
                JobState::Succeeded
            };
            assert_eq!(view.state, state, "{n}");
        }
        let report = core.tally.report();
        assert_eq!((report.succeeded, report.dead), (6, 1));
    }
}
