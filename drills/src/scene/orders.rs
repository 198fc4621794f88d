//! What there is to do: orders that are charged, and mails about them.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use queue_core::channel::Mail;
use queue_core::{
    ChannelName, EnqueueBatch, Enqueued, Intent, Job, JobId, JobState, NewNotification,
    NotificationId, NotificationState, PublishBatch, Purpose, Recipient, Revision, Subject,
};

use super::shop::Charge;
use super::{SHOP, Scene, Unit};

/// The queue of the service.
pub(crate) const QUEUE: &str = "orders";

impl Scene {
    /// Puts a release of the service there, which behaves like that.
    pub(crate) fn release(&self, name: &str, behaviour: &str) {
        let folder = self.path("releases").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("behaviour"), behaviour).unwrap();
        if !folder.join("shop").exists() {
            symlink(self.path("bin/shop"), folder.join("shop")).unwrap();
        }
    }

    /// Installs the service in that release, and starts it.
    pub(crate) fn start_shop(&self, release: &str) {
        self.start_shop_with(release, |program| Unit::new(program.as_ref(), &[]));
    }

    /// The same by a unit that starts the program in its own way.
    pub(crate) fn start_shop_with(&self, release: &str, unit: impl FnOnce(&str) -> Unit) {
        let current = self.path("current");
        // It may not be there yet.
        let _ = fs::remove_file(&current);
        symlink(self.path("releases").join(release), &current).unwrap();
        let unit = unit(&current.join("shop").display().to_string());
        let unit = match self.value_of("URL_FILE") {
            Some(file) => unit.with("LEASEHOLD_DATABASE_URL_FILE", file),
            None => unit.with("LEASEHOLD_DATABASE_URL", self.url()),
        };
        self.manager.install(SHOP, unit);
        self.manager.must("start", SHOP);
    }

    /// Takes orders from that number on.
    pub(crate) fn take_orders(&self, first: u64, count: u64) -> Vec<JobId> {
        self.take_orders_for(Duration::ZERO, first, count)
    }

    /// The same for a later time.
    pub(crate) fn take_orders_for(&self, delay: Duration, first: u64, count: u64) -> Vec<JobId> {
        let enqueued = self.hand_in(delay, first, count);
        enqueued.iter().map(|one| one.job()).collect()
    }

    /// The same, with what became of each.
    pub(crate) fn hand_in(&self, delay: Duration, first: u64, count: u64) -> Vec<Enqueued> {
        self.with_store(async |store| {
            let mut enqueued = Vec::new();
            let orders: Vec<u64> = (first..first + count).collect();
            for some in orders.chunks(1_000) {
                let jobs = some.iter().map(|&order| {
                    let job = Charge { order }.to_new().unwrap();
                    if delay.is_zero() {
                        job
                    } else {
                        job.delay(delay)
                    }
                });
                let batch = EnqueueBatch::new(jobs.collect()).unwrap();
                enqueued.extend(store.enqueue(batch).await.unwrap());
            }
            enqueued
        })
    }

    /// Waits until all jobs of the service have ended, however.
    pub(crate) fn until_idle(&self) {
        self.until_store("nothing is left to do", async |store| {
            let stats = store.stats().await.unwrap();
            let mut queues = stats.queues.iter();
            !queues.any(|queue| queue.ready.counted + queue.running.counted > 0)
        });
    }

    /// Waits until a job is in a state.
    pub(crate) fn until_job(&self, id: JobId, state: JobState) {
        self.until_store(&format!("job {id} is {state:?}"), async |store| {
            store.job(id).await.unwrap().unwrap().state == state
        });
    }

    /// Waits until so many dead letters wait for somebody.
    pub(crate) fn until_dead(&self, wanted: u32) {
        self.until_store(&format!("{wanted} dead letters"), async |store| {
            store.stats().await.unwrap().dead.counted == wanted
        });
    }

    /// Has mails sent about orders; the first one to that address.
    pub(crate) fn publish(&self, channel: &str, recipients: &[&str]) -> Vec<NotificationId> {
        self.with_store(async |store| {
            let messages = recipients.iter().enumerate().map(|(order, recipient)| {
                let intent = Intent {
                    channel: ChannelName::new(channel).unwrap(),
                    purpose: Purpose::new("receipt").unwrap(),
                    subject: Subject::new(format!("order:{order}")).unwrap(),
                    recipient: Recipient::new(*recipient).unwrap(),
                    revision: Revision::new(1),
                };
                let mail = Mail::new("shop@example.org", "Your receipt").text("Thank you.");
                let message = mail.render(&intent).unwrap();
                NewNotification::new(intent, message)
            });
            let batch = PublishBatch::new(messages.collect()).unwrap();
            let published = store.publish(batch).await.unwrap();
            published.iter().map(|one| one.id()).collect()
        })
    }

    /// Waits until a message is in a state.
    pub(crate) fn until_message(&self, id: NotificationId, state: NotificationState) {
        self.until_store(&format!("message {id} is {state:?}"), async |store| {
            store.notification(id).await.unwrap().unwrap().state == state
        });
    }
}
