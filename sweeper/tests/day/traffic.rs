//! What services, workers and a deliverer do meanwhile: most of it well, some of it not.

use std::sync::Arc;
use std::time::Duration;

use fixtures::bed::{ada, decided, kind, message, notifying, permanent, queue, retryable, worker};
use queue_core::{
    ChannelName, ClaimRequest, Claimed, Closure, Completion, Delivery, DeliveryBatch,
    DeliveryLease, DeliveryRequest, EnqueueBatch, IdempotencyKey, JobId, LetterFilter, LetterState,
    LookRequest, NewJob, NewNotification, Notification, NotificationState, Outcome, Page, Payload,
    Revision, SettleBatch, Settlement, Store, Subject,
};

use crate::length::Length;

const QUEUES: [&str; 2] = ["mail", "reports"];
const DELIVERY_LEASE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(crate) struct Traffic {
    store: Arc<dyn Store>,
    length: Length,
    enqueued: u64,
    /// Jobs and notifications that were left under a lease, as a crash leaves them.
    pub(crate) jobs_abandoned: u64,
    pub(crate) rows_abandoned: u64,
}

impl Traffic {
    pub(crate) fn on(store: Arc<dyn Store>, length: Length) -> Self {
        Self {
            store,
            length,
            enqueued: 0,
            jobs_abandoned: 0,
            rows_abandoned: 0,
        }
    }

    pub(crate) async fn minute(&mut self, number: u32) {
        self.enqueue().await;
        self.work().await;
        self.deliver().await;
        self.reconcile().await;
        if number % self.length.minutes_per_hour == self.length.minutes_per_hour / 2 {
            self.discard_letters().await;
        }
    }

    async fn enqueue(&mut self) {
        let jobs = (0..self.length.jobs_per_minute).map(|_| {
            self.enqueued += 1;
            let number = self.enqueued;
            let key = IdempotencyKey::new(format!("order-{number}")).unwrap();
            let about = Subject::new(format!("order:{number}")).unwrap();
            NewJob::new(queue("mail"), kind("send_invoice"), payload(number))
                .idempotent_for(key, self.length.kept())
                .about(about, Revision::new(1))
        });
        let batch = EnqueueBatch::new(jobs.collect()).unwrap();
        self.store.enqueue(batch).await.unwrap();
    }

    /// Everything that can be claimed; of a hundred, ten are abandoned and ten fail, at first, and one dies.
    async fn work(&mut self) {
        let queues = QUEUES.map(queue).to_vec();
        loop {
            let request = ClaimRequest::new(worker("w"), queues.clone(), 100).unwrap();
            let claimed = self.store.claim(request).await.unwrap();
            if claimed.is_empty() {
                return;
            }
            let mut settlements = Vec::new();
            for job in &claimed {
                match ended(job) {
                    None => self.jobs_abandoned += 1,
                    Some(outcome) => settlements.push(Settlement {
                        lease: job.lease,
                        transition: decided(job, outcome),
                    }),
                }
            }
            if !settlements.is_empty() {
                let batch = SettleBatch::new(settlements).unwrap();
                self.store.settle(batch).await.unwrap();
            }
        }
    }

    /// Everything that is due; of seven, one is abandoned.
    async fn deliver(&mut self) {
        loop {
            let request = DeliveryRequest::new(worker("d"), 100, DELIVERY_LEASE).unwrap();
            let rows = self.store.lease_notifications(request).await.unwrap();
            if rows.is_empty() {
                return;
            }
            let (lost, sent): (Vec<_>, Vec<_>) =
                rows.into_iter().partition(|row| row.id.get() % 7 == 0);
            self.rows_abandoned += lost.len() as u64;
            if !sent.is_empty() {
                let batch = DeliveryBatch::new(self.as_sent(&sent)).unwrap();
                self.store.mark(batch).await.unwrap();
            }
        }
    }

    /// What is in doubt was delivered, says the far side.
    async fn reconcile(&self) {
        let channel = ChannelName::new("email").unwrap();
        let again_in = Duration::from_secs(3600);
        let request = LookRequest::new(vec![channel], 1000, again_in).unwrap();
        let mut rows = self.store.look(request).await.unwrap();
        rows.retain(|row| row.state == NotificationState::InDoubt);
        if !rows.is_empty() {
            let batch = DeliveryBatch::of_doubtful(self.as_sent(&rows)).unwrap();
            self.store.mark(batch).await.unwrap();
        }
    }

    fn as_sent(&self, rows: &[Notification]) -> Vec<(DeliveryLease, Delivery)> {
        let sent = |row: &Notification| {
            let lease = DeliveryLease {
                store: self.store.id(),
                id: row.id,
                fence: row.fence,
                expires_at: row.lease_expires_at.unwrap_or(row.created_at),
            };
            (lease, Delivery::Sent { provider_id: None })
        };
        rows.iter().map(sent).collect()
    }

    async fn discard_letters(&self) {
        let open = LetterFilter {
            state: Some(LetterState::Open),
            ..LetterFilter::default()
        };
        let page = Page::first(1000).unwrap();
        for letter in self.store.dead_letters(&open, page).await.unwrap() {
            let (job, act) = (letter.job.id, ada());
            self.store.close(job, Closure::Discard, &act).await.unwrap();
        }
    }
}

/// How a job ends; none if its worker dies with it.
fn ended(job: &Claimed) -> Option<Outcome> {
    let first = job.progress.attempt == 1;
    let done = match job.id().get() % 100 {
        0..10 if first => return None,
        10..20 if first => return Some(Outcome::Failed(retryable("NETWORK_TIMEOUT"))),
        20 => return Some(Outcome::Failed(permanent("SCHEMA_INVALID"))),
        21..30 => notifying(vec![about(job.id())]),
        30..40 => notifying(vec![about(job.id()).required()]),
        _ => Completion::default(),
    };
    Some(Outcome::Done(done))
}

fn about(job: JobId) -> NewNotification {
    let mut message = message("ada@example.org");
    message.intent.subject = Subject::new(format!("job:{job}")).unwrap();
    message
}

fn payload(number: u64) -> Payload {
    Payload::json(&format!("{number:0>200}")).unwrap()
}
