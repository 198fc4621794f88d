//! What is recorded of each verb.

use sha2::{Digest, Sha256};

use super::{Act, Seal, ServiceAct};
use crate::{
    ChannelName, Closure, Evidence, JobId, Kept, NewRun, NewSuppression, NotificationId,
    NotificationVerb, OrderingMode, Payload, PlanDigest, QueueName, QueueSettings, Recipient,
    ReplayBatch, ReplayRun, RetentionRule, RetentionSort, RunEnd, Schedule, ScheduleName,
    SuppressFor,
};

/// What is about to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Who and why.
    pub act: Act,
    /// What, as `noun.verb`; as `service.noun.verb` if a service did it by itself.
    pub action: String,
    /// To what, as `noun:id`.
    pub target: String,
    /// Details as compact JSON; never a payload, a secret or a person's data.
    pub detail: String,
}

/// The entries that the ports' verbs write: one home, so that every backend words them alike.
impl AuditEntry {
    fn on_job(act: &Act, action: &str, job: JobId, detail: &serde_json::Value) -> Self {
        Self {
            act: act.clone(),
            action: action.to_owned(),
            target: format!("job:{job}"),
            detail: detail.to_string(),
        }
    }

    /// A cancellation that changed something; `requested` when the job was running.
    #[must_use]
    pub fn cancel(act: &Act, job: JobId, requested: bool) -> Self {
        Self::on_job(
            act,
            "job.cancel",
            job,
            &serde_json::json!({ "requested": requested }),
        )
    }

    /// A queued job that need not wait for its time any more.
    #[must_use]
    pub fn hasten(act: &Act, job: JobId) -> Self {
        Self::on_job(act, "job.hasten", job, &serde_json::json!({}))
    }

    /// Evidence attached to a dead letter. Its note stays with the letter.
    #[must_use]
    pub fn evidence(act: &Act, job: JobId, evidence: &Evidence) -> Self {
        let detail = serde_json::json!({ "reference": evidence.reference });
        Self::on_job(act, "dead_letter.evidence", job, &detail)
    }

    /// A dead letter put back into its queue.
    #[must_use]
    pub fn replay(act: &Act, job: JobId, version: i64, batch: &ReplayBatch) -> Self {
        let detail =
            serde_json::json!({ "from_start": batch.discards_stages(), "version": version });
        Self::on_job(act, "dead_letter.replay", job, &detail)
    }

    /// A dead letter put back into its queue by a run.
    #[must_use]
    pub fn replay_by_run(act: &Act, job: JobId, version: i64, run: &ReplayRun) -> Self {
        let detail = serde_json::json!({
            "from_start": run.from_start, "plan": run.plan, "version": version,
        });
        Self::on_job(act, "dead_letter.replay", job, &detail)
    }

    fn on_run(act: &Act, action: &str, plan: &PlanDigest, detail: &serde_json::Value) -> Self {
        Self {
            act: act.clone(),
            action: action.to_owned(),
            target: format!("replay:{plan}"),
            detail: detail.to_string(),
        }
    }

    /// A plan begun to be applied.
    #[must_use]
    pub fn begin_run(act: &Act, run: &NewRun) -> Self {
        let detail = serde_json::json!({ "letters": run.letters, "settings": run.settings });
        Self::on_run(act, "replay.begin", &run.plan, &detail)
    }

    /// A run taken over.
    #[must_use]
    pub fn resume_run(act: &Act, run: &ReplayRun, new: &NewRun) -> Self {
        let detail = serde_json::json!({
            "from": run.state, "fence": run.fence, "settings": new.settings,
        });
        Self::on_run(act, "replay.resume", &run.plan, &detail)
    }

    /// A run finished, stopped or left.
    #[must_use]
    pub fn end_run(act: &Act, run: &ReplayRun, end: &RunEnd) -> Self {
        let detail = serde_json::json!({ "counts": run.counts, "note": end.note() });
        Self::on_run(act, end.action(), &run.plan, &detail)
    }

    /// Another payload for a dead job. Only hashes: the trail is exported.
    #[must_use]
    pub fn amend(act: &Act, job: JobId, version: i64, before: &Payload, after: &Payload) -> Self {
        let told = |payload: &Payload| {
            serde_json::json!({
                "sha256": crate::hex(&Sha256::digest(payload.bytes())),
                "bytes": payload.bytes().len(),
            })
        };
        let detail = serde_json::json!({
            "version": version, "before": told(before), "after": told(after),
        });
        Self::on_job(act, "dead_letter.amend", job, &detail)
    }

    /// A dead letter ended without a replay.
    #[must_use]
    pub fn close(act: &Act, job: JobId, closure: Closure) -> Self {
        Self::on_job(act, closure.action(), job, &serde_json::json!({}))
    }

    /// A decision on a notification. What a verdict found stays with the row.
    #[must_use]
    pub fn decide(act: &Act, id: NotificationId, verb: &NotificationVerb) -> Self {
        let detail = match verb {
            // Masked: the trail is exported.
            NotificationVerb::Redirect(to) => serde_json::json!({ "to": to.to_string() }),
            NotificationVerb::Delivered(evidence) | NotificationVerb::NotDelivered(evidence) => {
                serde_json::json!({ "reference": evidence.reference })
            }
            NotificationVerb::Retry | NotificationVerb::Waive => serde_json::json!({}),
        };
        Self {
            act: act.clone(),
            action: verb.action().to_owned(),
            target: format!("notification:{id}"),
            detail: detail.to_string(),
        }
    }

    fn on_suppression(
        act: &Act,
        action: &str,
        channel: &ChannelName,
        recipient: &Recipient,
        detail: &serde_json::Value,
    ) -> Self {
        Self {
            act: act.clone(),
            action: action.to_owned(),
            // Masked: the trail is exported.
            target: format!("suppression:{channel}/{recipient}"),
            detail: detail.to_string(),
        }
    }

    /// A recipient put on the suppression list.
    #[must_use]
    pub fn suppress(act: &Act, new: &NewSuppression) -> Self {
        let seconds = match new.lasts {
            SuppressFor::Ever => None,
            SuppressFor::Span(span) => Some(span.as_secs()),
        };
        let detail = serde_json::json!({ "reason": new.reason, "for_seconds": seconds });
        Self::on_suppression(
            act,
            "suppression.add",
            &new.channel,
            &new.recipient,
            &detail,
        )
    }

    /// A recipient taken off the suppression list.
    #[must_use]
    pub fn unsuppress(act: &Act, channel: &ChannelName, recipient: &Recipient) -> Self {
        let detail = serde_json::json!({});
        Self::on_suppression(act, "suppression.remove", channel, recipient, &detail)
    }

    /// A channel paused, or going on.
    #[must_use]
    pub fn pause_channel(act: &Act, channel: &ChannelName, paused: bool) -> Self {
        let action = if paused {
            "channel.pause"
        } else {
            "channel.resume"
        };
        Self {
            act: act.clone(),
            action: action.to_owned(),
            target: format!("channel:{channel}"),
            detail: "{}".to_owned(),
        }
    }

    /// A queue's settings changed, to these.
    #[must_use]
    pub fn configure(act: &Act, settings: &QueueSettings) -> Self {
        let rate = settings.rate.map(|rate| {
            serde_json::json!({
                "permits": rate.permits(),
                "per_ms": u64::try_from(rate.per().as_millis()).unwrap_or(u64::MAX),
                "burst": rate.burst(),
            })
        });
        let detail = serde_json::json!({
            "paused": settings.paused,
            "max_running": settings.max_running,
            "rate": rate,
            "fair": settings.fair,
            "ordering": match settings.ordering {
                OrderingMode::Strict => "strict",
                OrderingMode::Loose => "loose",
            },
        });
        Self {
            act: act.clone(),
            action: "queue.configure".to_owned(),
            target: format!("queue:{}", settings.queue),
            detail: detail.to_string(),
        }
    }

    fn on_schedule(
        act: &Act,
        action: &str,
        name: &ScheduleName,
        detail: &serde_json::Value,
    ) -> Self {
        Self {
            act: act.clone(),
            action: action.to_owned(),
            target: format!("schedule:{name}"),
            detail: detail.to_string(),
        }
    }

    /// A schedule created or changed, to this.
    #[must_use]
    pub fn put_schedule(act: &Act, schedule: &Schedule) -> Self {
        let grace = schedule.grace_period().as_millis();
        let detail = serde_json::json!({
            "cadence": schedule.cadence().to_string(),
            "missed": schedule.missed_ticks(),
            "grace_ms": u64::try_from(grace).unwrap_or(u64::MAX),
            "queue": schedule.job().queue,
            "kind": schedule.job().kind,
            "paused": schedule.is_paused(),
        });
        Self::on_schedule(act, "schedule.put", schedule.name(), &detail)
    }

    /// A schedule paused, or going on.
    #[must_use]
    pub fn pause_schedule(act: &Act, name: &ScheduleName, paused: bool) -> Self {
        let action = if paused {
            "schedule.pause"
        } else {
            "schedule.resume"
        };
        Self::on_schedule(act, action, name, &serde_json::json!({}))
    }

    fn on_retention(
        act: &Act,
        action: &str,
        sort: RetentionSort,
        queue: Option<&QueueName>,
        detail: &serde_json::Value,
    ) -> Self {
        let of = queue.map(|queue| format!("/{queue}")).unwrap_or_default();
        Self {
            act: act.clone(),
            action: action.to_owned(),
            target: format!("retention:{sort}{of}"),
            detail: detail.to_string(),
        }
    }

    /// A rule of retention set, in the place of what was there.
    #[must_use]
    pub fn set_retention(act: &Act, rule: &RetentionRule, before: Option<Kept>) -> Self {
        let detail = serde_json::json!({
            "kept": rule.kept().to_string(), "before": before.map(|kept| kept.to_string()),
        });
        Self::on_retention(act, "retention.set", rule.sort(), rule.queue(), &detail)
    }

    /// A rule of retention taken away.
    #[must_use]
    pub fn clear_retention(
        act: &Act,
        sort: RetentionSort,
        queue: Option<&QueueName>,
        before: Kept,
    ) -> Self {
        let detail = serde_json::json!({ "before": before.to_string() });
        Self::on_retention(act, "retention.clear", sort, queue, &detail)
    }

    /// The records up to a checkpoint archived, so that they may go.
    #[must_use]
    pub fn seal_audit(act: &Act, seal: &Seal) -> Self {
        let detail = serde_json::json!({
            "archive": seal.archive(),
            "hash": seal.checkpoint().hash,
            "key": seal.checkpoint().key,
        });
        Self {
            act: act.clone(),
            action: "audit.archive".to_owned(),
            target: format!("audit:{}", seal.checkpoint().seq),
            detail: detail.to_string(),
        }
    }

    /// The schema brought from one version to another by somebody who said so.
    #[must_use]
    pub fn migrate(act: &Act, from: u32, to: u32) -> Self {
        Self {
            act: act.clone(),
            action: "leasehold.migrate".to_owned(),
            target: format!("schema:{to}"),
            detail: serde_json::json!({ "from": from, "to": to }).to_string(),
        }
    }

    /// An act of a service's own.
    #[must_use]
    pub fn service(act: &Act, own: &ServiceAct) -> Self {
        Self {
            act: act.clone(),
            action: own.action().to_owned(),
            target: own.target().to_owned(),
            detail: own.detail().to_owned(),
        }
    }

    /// A schedule removed.
    #[must_use]
    pub fn remove_schedule(act: &Act, name: &ScheduleName) -> Self {
        Self::on_schedule(act, "schedule.remove", name, &serde_json::json!({}))
    }
}
