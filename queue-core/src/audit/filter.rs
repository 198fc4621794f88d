//! Which records are wanted.

use super::AuditRecord;
use crate::{Actor, Timestamp};

/// Which records of the audit trail are wanted; an empty filter means all.
///
/// ```
/// use queue_core::{Act, Actor, AuditFilter, AuditPage, JobStore, OperatorStore, QueueChange, QueueName};
/// use queue_core::memory::MemoryStore;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::default();
/// let pause = QueueChange { paused: Some(true), ..QueueChange::default() };
/// let act = Act::new(Actor::new("ada")?, "the relay is down, OPS-17");
/// store.configure(&QueueName::new("mail")?, pause, &act).await?;
///
/// let filter = AuditFilter { text: Some("ops-17".to_owned()), ..AuditFilter::default() };
/// let list = store.audit(&filter, AuditPage::newest(10)?).await?;
/// assert_eq!(list.records[0].entry.target, "queue:mail");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Of what this one did.
    pub actor: Option<Actor>,
    /// Of this verb, as `noun.verb` or, of a service's own, `service.noun.verb`.
    pub action: Option<String>,
    /// Of what was done to this, as `noun:id`.
    pub target: Option<String>,
    /// At or after this.
    pub since: Option<Timestamp>,
    /// Before this.
    pub until: Option<Timestamp>,
    /// With this in the reason; A to Z are the same as a to z.
    pub text: Option<String>,
}

/// The column along whose index records are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditLead {
    /// What was done to one thing.
    Target,
    /// Of one verb.
    Action,
    /// Of one person.
    Actor,
    /// The trail itself.
    All,
}

impl AuditFilter {
    /// Whether the record is wanted.
    #[must_use]
    pub fn takes(&self, record: &AuditRecord) -> bool {
        let entry = &record.entry;
        self.actor.as_ref().is_none_or(|it| *it == entry.act.actor)
            && self.action.as_ref().is_none_or(|it| *it == entry.action)
            && self.target.as_ref().is_none_or(|it| *it == entry.target)
            && self.since.is_none_or(|since| record.at >= since)
            && self.until.is_none_or(|until| record.at < until)
            && self.text.as_ref().is_none_or(|text| {
                let reason = entry.act.reason.to_ascii_lowercase();
                reason.contains(&text.to_ascii_lowercase())
            })
    }

    /// The column to go along, and what stands in it. Few records have one target, more have one verb.
    #[must_use]
    pub fn lead(&self) -> (AuditLead, &str) {
        if let Some(target) = &self.target {
            (AuditLead::Target, target)
        } else if let Some(action) = &self.action {
            (AuditLead::Action, action)
        } else if let Some(actor) = &self.actor {
            (AuditLead::Actor, actor.as_str())
        } else {
            (AuditLead::All, "")
        }
    }

    /// Whether all that is found along the lead is wanted.
    pub(super) fn is_its_lead(&self) -> bool {
        let columns = [
            self.actor.is_some(),
            self.action.is_some(),
            self.target.is_some(),
        ];
        columns.iter().filter(|given| **given).count() <= 1
            && self.since.is_none()
            && self.until.is_none()
            && self.text.is_none()
    }
}
