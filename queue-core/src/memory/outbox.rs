use super::state::{State, rows_after};
use crate::{
    Delivery, DeliveryBatch, DeliveryLease, DeliveryPhase, DeliveryRequest, Failure, Fence, JobId,
    JobState, Marked, NewNotification, Notification, NotificationId, NotificationState, Page,
    Published, Timestamp,
};

impl State {
    pub(super) fn publish(
        &mut self,
        now: Timestamp,
        job: Option<JobId>,
        new: &NewNotification,
    ) -> Published {
        if let Some(known) = self.intents.get(&new.intent) {
            return Published::Duplicate(*known);
        }
        self.last_notification += 1;
        let id = NotificationId::new(self.last_notification);
        self.intents.insert(new.intent.clone(), id);
        let row = Notification {
            id,
            job,
            provider_key: new.intent.provider_key(),
            intent: new.intent.clone(),
            state: NotificationState::Pending,
            message: new.message.clone(),
            fence: Fence::NEVER,
            attempt: 0,
            run_at: new.run_at.resolve(now),
            phase: DeliveryPhase::Leased,
            lease_expires_at: None,
            provider_id: None,
            notified_at: None,
            failure: None,
            created_at: now,
        };
        self.notifications.insert(id, row);
        Published::Stored(id)
    }

    pub(super) fn lease_notifications(
        &mut self,
        now: Timestamp,
        request: &DeliveryRequest,
    ) -> Vec<Notification> {
        let mut due: Vec<_> = self
            .notifications
            .values_mut()
            .filter(|row| row.state == NotificationState::Pending && row.run_at <= now)
            .filter(|row| {
                request
                    .only_channels()
                    .is_none_or(|only| only.contains(&row.intent.channel))
            })
            .collect();
        due.sort_by_key(|row| (row.run_at, row.id));
        let lease = |row: &mut Notification| {
            row.state = NotificationState::Sending;
            row.fence = Fence::new(row.fence.get() + 1);
            row.attempt = row.attempt.saturating_add(1);
            row.phase = DeliveryPhase::Leased;
            row.lease_expires_at = Some(now + request.lease());
            row.clone()
        };
        due.into_iter()
            .take(request.limit() as usize)
            .map(lease)
            .collect()
    }

    /// The row, if it is in that state under that fence (and, while sending, in time).
    fn held(
        &mut self,
        now: Timestamp,
        lease: &DeliveryLease,
        state: NotificationState,
    ) -> Option<&mut Notification> {
        self.notifications.get_mut(&lease.id).filter(|row| {
            row.state == state
                && row.fence == lease.fence
                && row.lease_expires_at.is_none_or(|until| until > now)
        })
    }

    pub(super) fn note_phase(
        &mut self,
        now: Timestamp,
        lease: &DeliveryLease,
        phase: DeliveryPhase,
    ) -> bool {
        let row = self.held(now, lease, NotificationState::Sending);
        row.map(|row| row.phase = phase).is_some()
    }

    pub(super) fn mark(&mut self, now: Timestamp, batch: &DeliveryBatch) -> Vec<Marked> {
        batch
            .deliveries()
            .iter()
            .map(|(lease, delivery)| self.mark_one(now, batch.from(), lease, delivery))
            .collect()
    }

    fn mark_one(
        &mut self,
        now: Timestamp,
        from: NotificationState,
        lease: &DeliveryLease,
        delivery: &Delivery,
    ) -> Marked {
        let Some(row) = self.held(now, lease, from) else {
            return Marked::LeaseLost;
        };
        row.state = delivery.target();
        row.lease_expires_at = None;
        let note = |failure: &Failure| Some((failure.class.clone(), failure.message.clone()));
        match delivery {
            Delivery::Sent { provider_id } => {
                row.provider_id.clone_from(provider_id);
                row.notified_at = Some(now);
            }
            Delivery::Retry { run_at, failure } => {
                row.run_at = run_at.resolve(now);
                row.failure = note(failure);
            }
            Delivery::Failed { failure } | Delivery::InDoubt { failure } => {
                row.failure = note(failure);
            }
        }
        let state = row.state;
        let finished_jobs = if state.is_settled() {
            self.finish_awaiting(now, lease.id)
        } else {
            Vec::new()
        };
        Marked::Applied {
            state,
            finished_jobs,
        }
    }

    /// Finishes the jobs that had waited for this row last.
    fn finish_awaiting(&mut self, now: Timestamp, settled: NotificationId) -> Vec<JobId> {
        let mut finished = Vec::new();
        for (job, required) in &mut self.requirements {
            if required.remove(&settled) && required.is_empty() {
                finished.push(*job);
            }
        }
        for job in &finished {
            self.finish(now, *job, JobState::Succeeded, None);
        }
        finished
    }

    pub(super) fn doubt_expired(&mut self, now: Timestamp, limit: u32) -> Vec<NotificationId> {
        let mut expired: Vec<_> = self
            .notifications
            .values_mut()
            .filter(|row| row.lease_expires_at.is_some_and(|until| until <= now))
            .collect();
        expired.sort_by_key(|row| (row.lease_expires_at, row.id));
        let doubt = |row: &mut Notification| {
            row.state = NotificationState::InDoubt;
            row.lease_expires_at = None;
            row.id
        };
        expired
            .into_iter()
            .take(limit as usize)
            .map(doubt)
            .collect()
    }

    pub(super) fn notifications_in(
        &self,
        state: NotificationState,
        page: Page,
    ) -> Vec<Notification> {
        rows_after(&self.notifications, page.cursor().map(NotificationId::new))
            .filter(|row| row.state == state)
            .take(page.limit() as usize)
            .cloned()
            .collect()
    }
}
