use std::collections::HashSet;

use super::state::{State, rows_after};
use crate::{
    Delivery, DeliveryBatch, DeliveryEvent, DeliveryLease, DeliveryPhase, DeliveryRequest,
    ErrorClass, Fence, JobId, JobState, LookRequest, Marked, Marking, NewNotification,
    NewSuppression, Notification, NotificationId, NotificationState, Page, PhaseBatch, PhaseNoted,
    Published, Timestamp, digest,
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
            digest: digest(&new.message),
            redirected_to: None,
            fence: Fence::NEVER,
            attempt: 0,
            run_at: new.run_at.resolve(now),
            phase: DeliveryPhase::Leased,
            lease_expires_at: None,
            provider_id: None,
            notified_at: None,
            failure: None,
            created_at: now,
            first_attempt_at: None,
            perhaps_taken: false,
            doubted_at: None,
            look_at: None,
            looks: 0,
        };
        self.notifications.insert(id, row);
        Published::Stored(id)
    }

    pub(super) fn lease_notifications(
        &mut self,
        now: Timestamp,
        request: &DeliveryRequest,
    ) -> Vec<Notification> {
        let paused: HashSet<_> = self.paused_channels().cloned().collect();
        let mut due: Vec<_> = self
            .notifications
            .values_mut()
            .filter(|row| row.state == NotificationState::Pending && row.run_at <= now)
            .filter(|row| !paused.contains(&row.intent.channel))
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
            row.first_attempt_at.get_or_insert(now);
            row.look_at = None;
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

    pub(super) fn note_phases(&mut self, now: Timestamp, batch: &PhaseBatch) -> Vec<PhaseNoted> {
        let (expires_at, enough) = (now + batch.lease(), now + batch.enough());
        let mut note = |(lease, phase): &(DeliveryLease, DeliveryPhase)| {
            let Some(row) = self.held(now, lease, NotificationState::Sending) else {
                return PhaseNoted::LeaseLost;
            };
            row.phase = *phase;
            let left = row.lease_expires_at.filter(|until| *until >= enough);
            let expires_at = left.unwrap_or(expires_at);
            row.lease_expires_at = Some(expires_at);
            PhaseNoted::Noted { expires_at }
        };
        batch.notes().iter().map(&mut note).collect()
    }

    pub(super) fn mark(&mut self, now: Timestamp, batch: &DeliveryBatch) -> Vec<Marked> {
        batch
            .markings()
            .iter()
            .map(|marking| self.mark_one(now, batch.from(), marking))
            .collect()
    }

    fn mark_one(&mut self, now: Timestamp, from: NotificationState, marking: &Marking) -> Marked {
        let Some(row) = self.held(now, &marking.lease, from) else {
            return Marked::LeaseLost;
        };
        row.state = marking.delivery.target();
        row.lease_expires_at = None;
        row.look_at = marking.look_at(from, now);
        if row.state != from {
            row.looks = 0;
        }
        if let Some(reached) = marking.reached {
            row.phase = reached;
        }
        row.perhaps_taken = marking.perhaps_taken.unwrap_or(row.perhaps_taken);
        if let Some(failure) = marking.delivery.failure() {
            row.failure = Some((failure.class.clone(), failure.message.clone()));
        }
        match &marking.delivery {
            Delivery::Sent { provider_id } => {
                if provider_id.is_some() {
                    row.provider_id.clone_from(provider_id);
                }
                // A confirmation leaves when it was marked.
                row.notified_at = row.notified_at.filter(|_| from == row.state).or(Some(now));
            }
            Delivery::Retry { run_at, .. } => row.run_at = run_at.resolve(now),
            Delivery::Released { run_at } => {
                row.run_at = run_at.resolve(now);
                row.attempt = row.attempt.saturating_sub(1);
            }
            Delivery::InDoubt { .. } if from != NotificationState::InDoubt => {
                row.doubted_at = Some(now);
                row.notified_at = None;
            }
            Delivery::Failed { .. } | Delivery::InDoubt { .. } => {}
        }
        let row = row.clone();
        if marking.leaves_event(from) {
            let failure = marking.delivery.failure();
            self.event(
                now,
                &row,
                failure.map(|f| (f.class.clone(), f.message.clone())),
            );
        }
        if let (Some(lasts), Some(failure)) = (marking.suppress, marking.delivery.failure()) {
            let new = NewSuppression::new(
                row.intent.channel.clone(),
                row.goes_to().clone(),
                failure.class.clone(),
                failure.message.clone(),
                lasts,
            );
            self.put_suppression(now, new, format!("notification:{}", row.id));
        }
        self.raise(now, &marking.raises);
        Marked::Applied {
            state: row.state,
            finished_jobs: self.settled(now, &row),
        }
    }

    /// The jobs that are finished since this row is settled, if it is.
    pub(super) fn settled(&mut self, now: Timestamp, row: &Notification) -> Vec<JobId> {
        if row.state.is_settled() {
            self.finish_awaiting(now, row.id)
        } else {
            Vec::new()
        }
    }

    /// Writes into a row's history where it is now.
    pub(super) fn event(
        &mut self,
        now: Timestamp,
        row: &Notification,
        failure: Option<(ErrorClass, String)>,
    ) {
        self.events.entry(row.id).or_default().push(DeliveryEvent {
            at: now,
            attempt: row.attempt,
            phase: row.phase,
            state: row.state,
            failure,
        });
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

    pub(super) fn interrupted(&self, now: Timestamp, limit: u32) -> Vec<NotificationId> {
        let mut expired: Vec<_> = self
            .notifications
            .values()
            .filter(|row| row.lease_expires_at.is_some_and(|until| until <= now))
            .map(|row| (row.lease_expires_at, row.id))
            .collect();
        expired.sort_unstable();
        let expired = expired.into_iter().take(limit as usize);
        expired.map(|(_, id)| id).collect()
    }

    pub(super) fn doubt_expired(&mut self, now: Timestamp, limit: u32) -> Vec<NotificationId> {
        let expired = self.interrupted(now, limit);
        self.doubt_interrupted(now, &expired)
    }

    pub(super) fn doubt_interrupted(
        &mut self,
        now: Timestamp,
        rows: &[NotificationId],
    ) -> Vec<NotificationId> {
        let mut expired = self.interrupted(now, u32::MAX);
        expired.retain(|id| rows.contains(id));
        let interrupted = Delivery::interrupted();
        let failure = (interrupted.class, interrupted.message);
        let doubt = |row: &mut Notification| {
            row.state = NotificationState::InDoubt;
            row.lease_expires_at = None;
            row.doubted_at = Some(now);
            row.look_at = Some(now);
            row.looks = 0;
            row.failure = Some(failure.clone());
            row.clone()
        };
        let doubted: Vec<_> = expired
            .iter()
            .filter_map(|id| self.notifications.get_mut(id).map(doubt))
            .collect();
        for row in &doubted {
            self.event(now, row, Some(failure.clone()));
        }
        doubted.into_iter().map(|row| row.id).collect()
    }

    pub(super) fn look(&mut self, now: Timestamp, request: &LookRequest) -> Vec<Notification> {
        let mut due: Vec<_> = self
            .notifications
            .values_mut()
            .filter(|row| request.channels().contains(&row.intent.channel))
            .filter(|row| row.look_at.is_some_and(|at| at <= now))
            .collect();
        due.sort_by_key(|row| (row.look_at, row.id));
        let look = |row: &mut Notification| {
            row.look_at = Some(now + request.again_in());
            row.looks = row.looks.saturating_add(1);
            row.clone()
        };
        let rows = due.into_iter().take(request.limit() as usize);
        rows.map(look).collect()
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
