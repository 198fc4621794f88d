//! What crashes leave behind: jobs and notifications under leases that nobody renews. And who looks at what
//! becomes of them.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fixtures::bed::{job_in, message, queue, worker};
use fixtures::unfenced::Unfenced;
use queue_core::{
    ClaimRequest, Claimed, Completion, DeliveryRequest, EnqueueBatch, Jitter, JobId, JobState,
    JobStore, NotificationId, NotificationState, Outcome, Page, PublishBatch, RetryPolicy,
    SettleBatch, Settled, Settlement, Store, StoreError, Timestamp, decide,
};
use rand::RngExt;
use rand::rngs::StdRng;

use super::Trial;
use crate::harness::PATIENCE;

const QUEUE: &str = "mail";

/// Notifications that were left while they were sent.
pub(super) struct Rows(Vec<NotificationId>);

impl Rows {
    pub(super) async fn abandon(
        store: &dyn Store,
        rows: usize,
        within: Duration,
        chance: &mut StdRng,
    ) -> Self {
        let mut ids = Vec::new();
        while ids.len() < rows {
            let share = (rows - ids.len()).min(500);
            let numbers = ids.len()..ids.len() + share;
            let messages = numbers.map(|number| message(&format!("ada{number}@example.org")));
            let batch = PublishBatch::new(messages.collect()).unwrap();
            again(|| store.publish(batch.clone())).await.unwrap();
            let lease = between(chance, Duration::from_millis(200), within / 2);
            let request = DeliveryRequest::new(worker("gone"), 500, lease).unwrap();
            let leased = again(|| store.lease_notifications(request.clone())).await;
            ids.extend(leased.unwrap().into_iter().map(|row| row.id));
        }
        Self(ids)
    }

    /// Each fell into doubt, once, and was leased to nobody else.
    pub(super) async fn check(&self, store: &dyn Store) -> Result<(), String> {
        let until = Instant::now() + PATIENCE;
        while store.outbox_stats().await.unwrap().sending.counted > 0 {
            if Instant::now() > until {
                return Err("notifications are still being sent by nobody".to_owned());
            }
            tokio::task::yield_now().await;
        }
        for id in &self.0 {
            let row = store.notification(*id).await.unwrap().unwrap();
            let events = store.delivery_events(*id).await.unwrap();
            let states: Vec<_> = events.iter().map(|event| event.state).collect();
            let once = row.fence.get() == 1 && states == [NotificationState::InDoubt];
            if row.state != NotificationState::InDoubt || !once {
                return Err(format!("notification {id}: {row:?}, {states:?}"));
            }
        }
        Ok(())
    }
}

/// What was done with jobs.
pub(super) struct Worked {
    jobs: usize,
    expiries: u64,
}

impl fmt::Display for Worked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { jobs, expiries } = self;
        write!(
            f,
            "{jobs} jobs, {expiries} leases that ran out, each requeued once"
        )
    }
}

/// Enqueues jobs, crashes once or twice over each, finishes it then, and looks at each that comes back.
pub(super) async fn work(
    store: Arc<dyn Store>,
    trial: Trial,
    mut chance: StdRng,
) -> Result<Worked, String> {
    let begun = Instant::now();
    let spread = trial.lasts.mul_f64(0.7);
    let mut books = Books::default();
    let mut enqueued = 0;
    while books.finished < trial.jobs {
        let due = begun.elapsed().as_secs_f64() / spread.as_secs_f64();
        let due = ((trial.jobs as f64 * due) as usize).min(trial.jobs);
        while enqueued < due {
            let share = (due - enqueued).min(500);
            let batch = EnqueueBatch::new(vec![job_in(QUEUE); share]).unwrap();
            again(|| store.enqueue(batch.clone())).await?;
            enqueued += share;
        }
        let lease = between(
            &mut chance,
            Duration::from_millis(500),
            Duration::from_secs(4),
        );
        let request = ClaimRequest::new(worker("w"), vec![queue(QUEUE)], 300).unwrap();
        let request = request.lease_for(lease).unwrap();
        let claimed = again(|| store.claim(request.clone())).await?;
        let finishing = books.claimed(&claimed, lease)?;
        if !finishing.is_empty() {
            let batch = SettleBatch::new(finishing.clone()).unwrap();
            let settled = again(|| store.settle(batch.clone())).await?;
            let now = store.now().await.map_err(|error| error.to_string())?;
            books.settled(&finishing, &settled, now)?;
        }
        if begun.elapsed() > trial.lasts + PATIENCE * 2 {
            return Err(format!("{} of {} jobs end", books.finished, trial.jobs));
        }
        if claimed.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    let stats = store.stats().await.unwrap();
    if stats.dead.counted > 0 || stats.queues.iter().any(|it| it.queue == queue(QUEUE)) {
        return Err(format!("something is left: {stats:?}"));
    }
    Ok(Worked {
        jobs: trial.jobs,
        expiries: books.expiries,
    })
}

/// What must be true of each job when it is claimed.
#[derive(Default)]
struct Books {
    /// How often it was claimed, and when the last lease ends.
    jobs: HashMap<JobId, (i64, Timestamp)>,
    expiries: u64,
    finished: usize,
}

impl Books {
    /// Those that are to be finished; the others are left to their fate.
    fn claimed(&mut self, claimed: &[Claimed], lease: Duration) -> Result<Vec<Settlement>, String> {
        let mut finishing = Vec::new();
        for job in claimed {
            let (id, ends) = (job.id(), job.lease.expires_at());
            let (claims, ended) = self.jobs.entry(id).or_insert((0, ends - lease));
            if ends - lease < *ended {
                return Err(format!("job {id} came back before its lease had ended"));
            }
            *claims += 1;
            *ended = ends;
            // An expiry is one attempt and one fence, whoever puts the job back, and however many try.
            let (fence, attempt) = (job.lease.fence().get(), i64::from(job.progress.attempt));
            if fence != *claims || attempt != *claims {
                return Err(format!(
                    "job {id} was claimed {claims} times, has fence {fence} and attempt {attempt}"
                ));
            }
            let crashes = 1 + i64::from(id.get() % 3 == 0);
            if *claims <= crashes {
                self.expiries += 1;
            } else {
                let outcome = Outcome::Done(Completion::default());
                finishing.push(settlement(
                    job.lease,
                    &job.progress,
                    job.max_attempts,
                    outcome,
                ));
            }
        }
        Ok(finishing)
    }

    fn settled(
        &mut self,
        finishing: &[Settlement],
        settled: &[Settled],
        now: Timestamp,
    ) -> Result<(), String> {
        for (settlement, settled) in finishing.iter().zip(settled) {
            let (id, ends) = (settlement.lease.job(), settlement.lease.expires_at());
            match settled {
                Settled::Applied(applied) if applied.state == JobState::Succeeded => {
                    self.finished += 1;
                }
                // This test was too slow: one crash more.
                Settled::LeaseLost if now >= ends => self.expiries += 1,
                _ => {
                    return Err(format!(
                        "job {id} was taken away before its lease had ended: {settled:?}"
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Puts jobs back by a list that was true some time ago, under whatever lease they have now.
pub(super) async fn sabotage(store: Arc<dyn Store>) {
    let unfenced = Unfenced(Arc::clone(&store));
    loop {
        let Ok(expired) = store.expired(Page::first(500).unwrap()).await else {
            continue;
        };
        tokio::time::sleep(Duration::from_millis(400)).await;
        let settlements: Vec<_> = expired
            .into_iter()
            .map(|row| settlement(row.lease, &row.progress, row.max_attempts, Outcome::Expired))
            .collect();
        if let Ok(batch) = SettleBatch::new(settlements) {
            // Some it may not change even so.
            let _ = unfenced.settle(batch).await;
        }
    }
}

fn settlement(
    lease: queue_core::Lease,
    progress: &queue_core::Progress,
    max_attempts: u16,
    outcome: Outcome,
) -> Settlement {
    let policy = RetryPolicy::default();
    Settlement {
        lease,
        transition: decide(outcome, progress, max_attempts, &policy, Jitter::fixed(0.0)),
    }
}

/// Until the database has time for it: one that is stopped may hold a lock.
async fn again<T, F: Future<Output = Result<T, StoreError>>>(
    ask: impl Fn() -> F,
) -> Result<T, String> {
    let until = Instant::now() + PATIENCE;
    loop {
        match ask().await {
            Err(error) if error.is_transient() && Instant::now() < until => {}
            answer => return answer.map_err(|error| error.to_string()),
        }
    }
}

fn between(chance: &mut StdRng, least: Duration, most: Duration) -> Duration {
    least + most.saturating_sub(least).mul_f64(chance.random())
}
