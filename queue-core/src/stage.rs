//! Named, checkpointed steps inside a job, each with its own attempt budget.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Payload, StageName};

/// The output of a finished stage, stored under the lease. A later attempt or a replay gets it back
/// instead of running the stage again.
///
/// ```
/// use queue_core::memory::MemoryStore;
/// use queue_core::{Checkpointed, JobStore, Payload, StageName, StageOutput};
/// # use queue_core::{ClaimRequest, EnqueueBatch, KindName, NewJob, QueueName, WorkerName};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::default();
/// # let mail = QueueName::new("mail")?;
/// # let job = NewJob::new(mail.clone(), KindName::new("summarize")?, Payload::json(&42)?);
/// # store.enqueue(EnqueueBatch::one(job)).await?;
/// # let job = store.claim(ClaimRequest::new(WorkerName::new("w")?, vec![mail], 1)?).await?.remove(0);
/// let fetch = StageName::new("fetch")?;
/// assert!(job.stages.iter().all(|done| done.stage != fetch), "no attempt before this one got so far");
/// let output = StageOutput { stage: fetch, output: Payload::json(&"the text")? };
/// let stored = store.checkpoint(&job.lease, output.clone()).await?;
/// assert_eq!(stored, Checkpointed::Stored { cancel_requested: false });
/// assert_eq!(store.checkpoint(&job.lease, output).await?, Checkpointed::AlreadyStored);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageOutput {
    /// Which stage finished.
    pub stage: StageName,
    /// What it gave.
    pub output: Payload,
}

/// Attempts that stages other than the present one have used: what keeps a failure in one stage from
/// using up the budget of another.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StageLedger(BTreeMap<StageName, u16>);

impl StageLedger {
    /// Attempts used by a stage before the present attempt.
    #[must_use]
    pub fn attempts(&self, stage: &StageName) -> u16 {
        self.0.get(stage).copied().unwrap_or(0)
    }

    /// Whether it holds nothing: the case of nearly all jobs, stored as NULL.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As stored: compact JSON, or nothing.
    #[must_use]
    pub fn to_stored(&self) -> Option<String> {
        if self.is_empty() {
            None
        } else {
            serde_json::to_string(self).ok()
        }
    }

    /// Reads what [`Self::to_stored`] wrote.
    pub fn from_stored(text: Option<&str>) -> serde_json::Result<Self> {
        text.map_or_else(|| Ok(Self::default()), serde_json::from_str)
    }

    pub(crate) fn set(&mut self, stage: StageName, attempts: u16) {
        if attempts == 0 {
            self.0.remove(&stage);
        } else {
            self.0.insert(stage, attempts);
        }
    }

    pub(crate) fn take(&mut self, stage: &StageName) -> u16 {
        self.0.remove(stage).unwrap_or(0)
    }
}

/// Which stage a job is in and how often that was tried: what a claim charges and a decision settles.
///
/// ```
/// use queue_core::{Progress, StageName};
/// let (fetch, send) = (StageName::new("fetch").unwrap(), StageName::new("send").unwrap());
/// // The second attempt failed in the same stage as the first: two are used of its budget.
/// let second = Progress { stage: Some(fetch.clone()), attempt: 2, ..Progress::default() };
/// assert_eq!(second.charged_to(Some(&fetch)).attempt, 2);
/// // The third got further: the budget of the next stage is its own.
/// let third = Progress { attempt: 3, ..second }.after_checkpoint(&fetch).charged_to(Some(&send));
/// assert_eq!((third.stage_name().as_str(), third.attempt), ("send", 1));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// The stage that the present attempt is charged to; `None` until one is known by name.
    pub stage: Option<StageName>,
    /// Attempts at it, the present one included.
    pub attempt: u16,
    /// What the other stages have used.
    pub ledger: StageLedger,
}

impl Progress {
    /// Charges the present attempt to `failed` and returns what to store: the stage the attempt had
    /// been charged to, if it was another, gets its attempt back.
    #[must_use]
    pub fn charged_to(&self, failed: Option<&StageName>) -> Self {
        match (failed, &self.stage) {
            (None, _) => self.clone(),
            (Some(failed), None) => {
                let mut ledger = self.ledger.clone();
                // Crashes between two stages were counted without a name; they belong to the next
                // stage, which is the one that now fails.
                let before = ledger.take(failed);
                Self {
                    stage: Some(failed.clone()),
                    attempt: before + self.attempt,
                    ledger,
                }
            }
            (Some(failed), Some(current)) if failed == current => self.clone(),
            (Some(failed), Some(current)) => {
                let mut ledger = self.ledger.clone();
                ledger.set(current.clone(), self.attempt.saturating_sub(1));
                let before = ledger.take(failed);
                Self {
                    stage: Some(failed.clone()),
                    attempt: before + 1,
                    ledger,
                }
            }
        }
    }

    /// The present attempt does not count.
    #[must_use]
    pub fn refunded(&self) -> Self {
        Self {
            attempt: self.attempt.saturating_sub(1),
            ..self.clone()
        }
    }

    /// What to store when `finished` has been checkpointed: the next stage, whatever its name, is in
    /// its first attempt.
    #[must_use]
    pub fn after_checkpoint(&self, finished: &StageName) -> Self {
        let mut ledger = self.ledger.clone();
        if let Some(current) = &self.stage
            && current != finished
        {
            ledger.set(current.clone(), self.attempt.saturating_sub(1));
        }
        ledger.set(finished.clone(), 0);
        Self {
            stage: None,
            attempt: 1,
            ledger,
        }
    }

    /// What a replay starts with: the failed stage in its first attempt, or no stage at all.
    #[must_use]
    pub fn for_replay(&self, from_start: bool) -> Self {
        let stage = self.stage.clone().filter(|_| !from_start);
        Self {
            stage,
            attempt: 0,
            ledger: StageLedger::default(),
        }
    }

    /// The name to report: `run` while none is known.
    #[must_use]
    pub fn stage_name(&self) -> StageName {
        self.stage.clone().unwrap_or_else(StageName::run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stage(name: &str) -> StageName {
        StageName::new(name).unwrap()
    }

    #[test]
    fn a_failure_in_one_stage_never_uses_up_anothers_budget() {
        let first = Progress {
            attempt: 1,
            ..Progress::default()
        };
        let fetch_failed = first.charged_to(Some(&stage("fetch")));
        assert_eq!(
            (fetch_failed.stage_name(), fetch_failed.attempt),
            (stage("fetch"), 1)
        );
        // The next claim charges fetch again, but this time fetch finishes and llm fails.
        let second = Progress {
            attempt: 2,
            ..fetch_failed
        };
        let after = second.after_checkpoint(&stage("fetch"));
        let llm_failed = after.charged_to(Some(&stage("llm")));
        assert_eq!(
            (llm_failed.stage_name(), llm_failed.attempt),
            (stage("llm"), 1)
        );
        assert!(llm_failed.ledger.is_empty());
    }

    proptest! {
        /// However failures fall on stages, each stage's count is the number of its own failures.
        #[test]
        fn each_stage_counts_its_own_failures(failures in proptest::collection::vec(0usize..4, 1..40)) {
            let names: Vec<_> = ["a", "b", "c", "d"].into_iter().map(stage).collect();
            let mut progress = Progress::default();
            let mut expected = [0u16; 4];
            for failed in failures {
                progress.attempt += 1; // the claim
                progress = progress.charged_to(Some(&names[failed]));
                expected[failed] += 1;
                for (i, name) in names.iter().enumerate() {
                    let counted = if progress.stage.as_ref() == Some(name) {
                        progress.attempt
                    } else {
                        progress.ledger.attempts(name)
                    };
                    prop_assert_eq!(counted, expected[i]);
                }
                let stored = progress.ledger.to_stored();
                prop_assert_eq!(StageLedger::from_stored(stored.as_deref()).unwrap(), progress.ledger.clone());
            }
        }
    }
}
