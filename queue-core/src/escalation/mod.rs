//! Escalations: what somebody has to hear of becomes an incident, and an incident a notification.
//!
//! A [`Signal`] says what happened. [`Escalations`], the rules, make [`Raise`]s of it. A store counts them
//! in an [`Incident`] in the transaction that brought them, and when there are enough it publishes an
//! [`Alert`] in that same transaction, so that an escalation is as durable as what it reports. When the
//! cause is gone the incident is resolved, and that is told as well, under the same key.

mod alert;
mod incident;
mod rule;
mod signal;

pub use alert::{ALERT, Alert, AlertAction};
pub use incident::{Incident, Observed, Raise, UnreadableIncident};
pub use rule::{Escalations, InvalidRule, MAX_THRESHOLD, Rule};
pub use signal::{Event, Severity, Signal};
