//! Channels, suppressions, incidents, and what operators decide on notifications.

use super::state::{State, rows_after};
use crate::{
    Act, AuditEntry, ChannelName, ChannelState, Count, ErrorClass, Fence, Incident, NewSuppression,
    NotificationChange, NotificationId, NotificationState, NotificationVerb, OutboxStats, Page,
    Raise, Recipient, Subject, Suppression, Timestamp, VerbBatch,
};

impl State {
    pub(super) fn paused_channels(&self) -> impl Iterator<Item = &ChannelName> {
        let paused = self.channels.values().filter(|state| state.paused);
        paused.map(|state| &state.channel)
    }

    pub(super) fn pause_channel(
        &mut self,
        now: Timestamp,
        channel: &ChannelName,
        paused: bool,
        act: &Act,
    ) -> bool {
        let before = self.channels.get(channel);
        if before.is_some_and(|state| state.paused) == paused {
            return false;
        }
        let state = ChannelState {
            channel: channel.clone(),
            paused,
            by: act.actor.clone(),
            reason: act.reason.clone(),
            since: now,
        };
        self.channels.insert(channel.clone(), state);
        self.record(now, AuditEntry::pause_channel(act, channel, paused));
        true
    }

    pub(super) fn put_suppression(&mut self, now: Timestamp, new: NewSuppression, origin: String) {
        let key = (new.channel.clone(), new.recipient.clone());
        self.last_suppression += 1;
        let fresh = self.last_suppression;
        let known = self
            .suppressions
            .values()
            .find(|there| (&there.channel, &there.recipient) == (&new.channel, &new.recipient));
        let id = known.map_or(fresh, |there| there.id);
        let suppression = Suppression {
            id,
            channel: key.0,
            recipient: key.1,
            reason: new.reason,
            origin,
            evidence: new.evidence,
            created_at: now,
            expires_at: new.lasts.until(now),
        };
        self.suppressions.insert(id, suppression);
    }

    pub(super) fn suppress(&mut self, now: Timestamp, new: NewSuppression, act: &Act) {
        self.record(now, AuditEntry::suppress(act, &new));
        self.put_suppression(now, new, act.actor.as_str().to_owned());
    }

    pub(super) fn unsuppress(
        &mut self,
        now: Timestamp,
        channel: &ChannelName,
        recipient: &Recipient,
        act: &Act,
    ) -> bool {
        let before = self.suppressions.len();
        self.suppressions
            .retain(|_, there| (&there.channel, &there.recipient) != (channel, recipient));
        let removed = self.suppressions.len() < before;
        if removed {
            self.record(now, AuditEntry::unsuppress(act, channel, recipient));
        }
        removed
    }

    pub(super) fn suppressed(
        &self,
        now: Timestamp,
        channel: &ChannelName,
        recipients: &[Recipient],
    ) -> Vec<Suppression> {
        self.suppressions
            .values()
            .filter(|there| &there.channel == channel && recipients.contains(&there.recipient))
            .filter(|there| there.expires_at.is_none_or(|until| until > now))
            .cloned()
            .collect()
    }

    pub(super) fn suppression_page(
        &self,
        channel: Option<&ChannelName>,
        page: Page,
    ) -> Vec<Suppression> {
        rows_after(&self.suppressions, page.cursor())
            .filter(|there| channel.is_none_or(|channel| &there.channel == channel))
            .take(page.limit() as usize)
            .cloned()
            .collect()
    }

    pub(super) fn raise(&mut self, now: Timestamp, raises: &[Raise]) {
        for raise in raises {
            let before = self.incidents.remove(&raise.key);
            let observed = Incident::observe(before, raise, now);
            self.incidents.insert(raise.key.clone(), observed.incident);
            for new in &observed.publish {
                self.publish(now, None, new);
            }
        }
    }

    pub(super) fn open_incidents(&self, after: Option<&Subject>, limit: u32) -> Vec<Incident> {
        self.incidents
            .values()
            .filter(|incident| incident.open && after.is_none_or(|after| &incident.key > after))
            .take(limit as usize)
            .cloned()
            .collect()
    }

    pub(super) fn resolve_incident(&mut self, now: Timestamp, key: &Subject, version: i64) -> bool {
        let found = self.incidents.get(key).cloned();
        let Some(resolved) = found.and_then(|incident| incident.resolve(version, now)) else {
            return false;
        };
        self.incidents.insert(key.clone(), resolved.incident);
        for new in &resolved.publish {
            self.publish(now, None, new);
        }
        true
    }

    pub(super) fn decide_notifications(
        &mut self,
        now: Timestamp,
        batch: &VerbBatch,
        act: &Act,
    ) -> Vec<NotificationChange> {
        let targets = batch.targets().iter();
        targets
            .map(|(id, fence)| self.decide_one(now, *id, *fence, batch.verb(), act))
            .collect()
    }

    fn decide_one(
        &mut self,
        now: Timestamp,
        id: NotificationId,
        fence: Fence,
        verb: &NotificationVerb,
        act: &Act,
    ) -> NotificationChange {
        let Some(row) = self.notifications.get_mut(&id) else {
            return NotificationChange::NotFound;
        };
        if row.fence != fence {
            return NotificationChange::Changed;
        }
        if row.state != verb.from() {
            return NotificationChange::Refused { state: row.state };
        }
        row.state = verb.target();
        row.look_at = None;
        row.looks = 0;
        row.perhaps_taken &= verb.keeps_doubt();
        match verb {
            NotificationVerb::Retry => row.attempt = 0,
            NotificationVerb::Redirect(to) => {
                row.attempt = 0;
                row.first_attempt_at = None;
                row.redirected_to = Some(to.clone());
                let mut intent = row.intent.clone();
                intent.recipient = to.clone();
                row.provider_key = intent.provider_key();
            }
            NotificationVerb::Delivered(_) => row.notified_at = Some(now),
            NotificationVerb::Waive | NotificationVerb::NotDelivered(_) => {}
        }
        if row.state == NotificationState::Pending {
            row.run_at = now;
        }
        let row = row.clone();
        let found = verb.evidence().map(|evidence| {
            let text = format!("{}: {}", evidence.reference, evidence.note);
            (ErrorClass::verdict(), text)
        });
        self.event(now, &row, found);
        self.record(now, AuditEntry::decide(act, id, verb));
        NotificationChange::Applied {
            state: row.state,
            finished_jobs: self.settled(now, &row),
        }
    }

    pub(super) fn outbox_stats(&self, now: Timestamp) -> OutboxStats {
        let of = |state| {
            self.notifications
                .values()
                .filter(move |row| row.state == state)
        };
        let count = |state| Count::up_to_cap(u32::try_from(of(state).count()).unwrap_or(u32::MAX));
        let due = of(NotificationState::Pending).map(|row| row.run_at);
        let doubts = of(NotificationState::InDoubt).filter_map(|row| row.doubted_at);
        OutboxStats {
            pending: count(NotificationState::Pending),
            sending: count(NotificationState::Sending),
            in_doubt: count(NotificationState::InDoubt),
            failed: count(NotificationState::Failed),
            lag: due.min().filter(|at| *at <= now).map(|at| now.since(at)),
            oldest_doubt: doubts.min().map(|at| now.since(at)),
        }
    }
}
