//! An incident: how often something happened lately, and whether somebody was told.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Alert, AlertAction, Severity, Signal};
use crate::{
    ChannelName, Intent, NewNotification, Purpose, Recipient, Revision, Subject, Timestamp,
};

/// One signal that a rule took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raise {
    /// The incident that it belongs to.
    pub key: Subject,
    /// Which rule.
    pub rule: String,
    /// What it is escalated as.
    pub severity: Severity,
    /// What happened.
    pub signal: Signal,
    /// How many it takes.
    pub count: u16,
    /// Within which time.
    pub within: Duration,
    /// Who is told.
    pub to: Vec<(ChannelName, Recipient)>,
}

/// What a store keeps of it: a row by the key, whether it is open, and the rest as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Its key.
    pub key: Subject,
    /// Which rule.
    pub rule: String,
    /// What it is escalated as.
    pub severity: Severity,
    /// What happened last.
    pub signal: Signal,
    /// Whether somebody was told, and not yet that it is over.
    pub open: bool,
    /// How often it was opened.
    pub episode: i64,
    /// Grows with every signal: what a resolution was decided on.
    pub version: i64,
    /// The latest signals within the rule's time, as many as the rule counts.
    pub times: Vec<Timestamp>,
    /// When it was opened last.
    pub opened_at: Option<Timestamp>,
    /// Who was told.
    pub to: Vec<(ChannelName, Recipient)>,
}

/// An incident of the list whose row is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the incident {key} cannot be read: {problem}")]
pub struct UnreadableIncident {
    /// Its key.
    pub key: Subject,
    /// What is wrong with it; nothing of what it holds is quoted.
    pub problem: String,
}

/// An incident after something happened to it, and what is to be published with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// As it is to be stored.
    pub incident: Incident,
    /// To be published in the same transaction.
    pub publish: Vec<NewNotification>,
}

impl Incident {
    /// Counts a signal. The one that makes the count full opens the incident; while it is open, further
    /// ones tell nobody.
    #[must_use]
    pub fn observe(before: Option<Self>, raise: &Raise, now: Timestamp) -> Observed {
        let mut incident = before.unwrap_or_else(|| Self {
            key: raise.key.clone(),
            rule: raise.rule.clone(),
            severity: raise.severity,
            signal: raise.signal.clone(),
            open: false,
            episode: 0,
            version: 0,
            times: Vec::new(),
            opened_at: None,
            to: Vec::new(),
        });
        incident.version += 1;
        incident.severity = raise.severity;
        incident.signal = raise.signal.clone();
        incident.times.push(now);
        incident.times.retain(|at| now.since(*at) < raise.within);
        let surplus = incident.times.len().saturating_sub(raise.count.into());
        incident.times.drain(..surplus);
        let opens = !incident.open && incident.times.len() >= usize::from(raise.count);
        if opens {
            incident.open = true;
            incident.episode += 1;
            incident.opened_at = Some(now);
            incident.to.clone_from(&raise.to);
        }
        let publish = if opens {
            incident.alerts(AlertAction::Trigger, now)
        } else {
            Vec::new()
        };
        Observed { incident, publish }
    }

    /// Ends it, since its cause is gone. `None` if it is over, or something happened since `version`.
    #[must_use]
    pub fn resolve(mut self, version: i64, now: Timestamp) -> Option<Observed> {
        if !self.open || self.version != version {
            return None;
        }
        let publish = self.alerts(AlertAction::Resolve, now);
        self.open = false;
        self.version += 1;
        self.times.clear();
        Some(Observed {
            incident: self,
            publish,
        })
    }

    fn alerts(&self, action: AlertAction, now: Timestamp) -> Vec<NewNotification> {
        let what = match action {
            AlertAction::Trigger => self.signal.to_string(),
            AlertAction::Resolve => format!("over: {}", self.signal),
        };
        let alert = Alert {
            action,
            key: self.key.as_str().to_owned(),
            episode: self.episode,
            rule: self.rule.clone(),
            severity: self.severity,
            summary: what,
            signal: self.signal.clone(),
            count: self.times.len(),
            at: now,
        };
        let message = alert.to_payload();
        let purpose = match action {
            AlertAction::Trigger => Purpose::escalation(),
            AlertAction::Resolve => Purpose::resolution(),
        };
        let to = self.to.iter().map(|(channel, recipient)| Intent {
            channel: channel.clone(),
            purpose: purpose.clone(),
            subject: self.key.clone(),
            recipient: recipient.clone(),
            revision: Revision::new(self.episode),
        });
        to.map(|intent| NewNotification::new(intent, message.clone()))
            .collect()
    }
}
