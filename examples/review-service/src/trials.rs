//! The rollout as it goes in this process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use metrics::{counter, gauge};
use queue_core::Timestamp;

use crate::review::{Checked, Edition};
use crate::rollout::{Counts, Event, Rollout, RolloutPlan};

/// Which prompt is used for which change, and what comes of it. Each process counts for itself: what it takes back, it
/// takes back for itself, and says so.
#[derive(Debug)]
pub struct Trials(Mutex<Rollout>);

impl Trials {
    /// By a plan, with nothing counted yet.
    #[must_use]
    pub fn new(plan: RolloutPlan) -> Self {
        Self(Mutex::new(Rollout::new(plan)))
    }

    /// What a subject is reviewed by.
    #[must_use]
    pub fn edition(&self, subject: &str) -> Edition {
        self.lock().edition(subject)
    }

    /// Counts what came of an answer, and tells what follows, once.
    pub fn observe(&self, now: Timestamp, edition: Edition, checked: &Checked) {
        let came = match checked.is_accepted() {
            true => Counts::accepted(checked.findings().len() as u64),
            false => Counts::rejected(),
        };
        let outcome = if checked.is_accepted() {
            "accepted"
        } else {
            "rejected"
        };
        let labels = [
            ("edition", edition.to_string()),
            ("outcome", outcome.to_owned()),
        ];
        counter!("review_answers_total", &labels).increment(1);
        let events = {
            let mut rollout = self.lock();
            rollout.record(now, edition, came);
            rollout.judge(now)
        };
        for event in events {
            tell(event);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Rollout> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// For people in the log, and for alerts as numbers.
fn tell(event: Event) {
    let alarm = |edition: Edition, on: bool| {
        let labels = [("edition", edition.to_string())];
        gauge!("review_rejections_alarming", &labels).set(f64::from(u8::from(on)));
    };
    match event {
        Event::TooManyRejected { edition, counts } => {
            alarm(edition, true);
            tracing::error!(%edition, ?counts, "more than twice as many answers are rejected as in ordinary times");
        }
        Event::RejectionsNormal { edition } => {
            alarm(edition, false);
            tracing::info!(%edition, "no more answers are rejected than in ordinary times");
        }
        Event::RolledBack { candidate, counts } => {
            let labels = [("edition", candidate.to_string())];
            gauge!("review_rolled_back", &labels).set(1.0);
            tracing::error!(%candidate, ?counts, "too few findings came of the candidate: it is not used any more");
        }
    }
}

#[cfg(test)]
mod tests {
    use queue_core::ManualClock;
    use serde_json::json;

    use super::*;
    use crate::review::{AcceptedVersions, AnswerContract};
    use crate::rollout::RolloutConfig;

    #[test]
    fn a_candidate_of_which_nothing_comes_is_not_used_any_more() {
        let config: RolloutConfig = serde_json::from_value(json!({
            "candidate": { "edition": { "prompt": "1.1.0", "schema": "1.0" }, "percent": 50.0 },
        }))
        .unwrap();
        let accepted: AcceptedVersions = serde_json::from_value(json!({
            "schema": [{ "version": "1.0", "policy": "minor_compatible" }],
            "prompt": [
                { "version": "1.0.0", "policy": "patch_drift" }, { "version": "1.1.0", "policy": "patch_drift" },
            ],
        }))
        .unwrap();
        let trials = Trials::new(RolloutPlan::new(config, &accepted).unwrap());
        let contract = AnswerContract::new(&accepted).unwrap();
        let answer = json!({ "schema_version": "1.0", "prompt_version": "1.1.0", "findings": [] });
        let nothing = contract.check(answer.to_string(), &[], None);
        let is_tried =
            || (0..100).any(|id| trials.edition(&format!("changelist:{id}")) != Edition::default());
        let candidate = Edition {
            prompt: "1.1.0".parse().unwrap(),
            ..Edition::default()
        };
        let clock = ManualClock::default();
        for _ in 0..19 {
            trials.observe(clock.now(), candidate, &nothing);
        }
        assert!(is_tried(), "so few say nothing");
        trials.observe(clock.now(), candidate, &nothing);
        assert!(!is_tried());
    }
}
