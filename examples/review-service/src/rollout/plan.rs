//! Which change is reviewed by which edition.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Percent;
use crate::model::{PromptVersion, UnknownPrompt};
use crate::review::{AcceptedVersions, Edition};

/// What is rolled out, and when that ends, as a configuration says it.
///
/// ```
/// use review_service::review::AcceptedVersions;
/// use review_service::rollout::{RolloutConfig, RolloutPlan};
/// let config: RolloutConfig = toml::from_str(r#"
///     current = { prompt = "1.0.0", schema = "1.0" }
///     baseline_rejected = 2.0
///     least_findings_per_job = 0.2
///
///     [candidate]
///     edition = { prompt = "1.1.0", schema = "1.0" }
///     percent = 10
/// "#).unwrap();
/// // Nobody reads answers to 1.1.0 yet.
/// let error = RolloutPlan::new(config.clone(), &AcceptedVersions::default()).unwrap_err();
/// assert!(error.to_string().contains("accept it first"), "{error}");
///
/// let accepted: AcceptedVersions = toml::from_str(r#"
///     schema = [{ version = "1.0", policy = "minor_compatible" }]
///     prompt = [{ version = "1.0.0", policy = "patch_drift" }, { version = "1.1.0", policy = "patch_drift" }]
/// "#).unwrap();
/// let plan = RolloutPlan::new(config, &accepted).unwrap();
/// let new = (0..1000).filter(|id| plan.is_in_slice(&format!("changelist:{id}"))).count();
/// assert!((70..130).contains(&new), "{new}");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RolloutConfig {
    /// What changes are reviewed by.
    pub current: Edition,
    /// What is to take its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate: Option<Candidate>,
    /// How many answers are rejected in ordinary times, as it was measured; from twice as many on, for half an hour,
    /// somebody is told.
    pub baseline_rejected: Percent,
    /// With fewer accepted findings for a job, the candidate is not used any more.
    pub least_findings_per_job: f64,
    /// Fewer jobs than this say nothing.
    pub least_jobs: u64,
}

impl Default for RolloutConfig {
    /// Nothing new; 2 % of the answers are rejected in ordinary times.
    fn default() -> Self {
        Self {
            current: Edition::default(),
            candidate: None,
            baseline_rejected: Percent::of_whole(2),
            least_findings_per_job: 0.1,
            least_jobs: 20,
        }
    }
}

/// What is to take the place of the current edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// What it is.
    pub edition: Edition,
    /// So many of the changes are reviewed by it.
    pub percent: Percent,
}

/// A rollout that can be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct RolloutPlan {
    config: RolloutConfig,
}

/// A rollout that cannot be kept.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidRollout {
    /// Nobody would read the answers.
    #[error(
        "answers to {0} would be rejected: accept it first, in every process, and ask for it then"
    )]
    NotAccepted(Edition),
    /// There is no such prompt.
    #[error(transparent)]
    Unknown(#[from] UnknownPrompt),
    /// There is nothing new.
    #[error("the candidate is {0}, as is the current edition: leave the candidate out")]
    NothingNew(Edition),
    /// Not a number of findings.
    #[error("{0} findings per job can never be fallen below, or always: write a number like 0.5")]
    Findings(f64),
    /// No job at all says something.
    #[error("`least_jobs` is 0: write from how many jobs on the counts say something, like 20")]
    NoJobs,
}

impl RolloutPlan {
    /// Checks one against the versions that are read.
    ///
    /// # Errors
    ///
    /// [`InvalidRollout`] with what to write instead.
    pub fn new(config: RolloutConfig, accepted: &AcceptedVersions) -> Result<Self, InvalidRollout> {
        let candidate = config.candidate.map(|candidate| candidate.edition);
        for edition in [Some(config.current), candidate].into_iter().flatten() {
            PromptVersion::find(edition.prompt)?;
            if !accepted.accepts(edition.schema, edition.prompt) {
                return Err(InvalidRollout::NotAccepted(edition));
            }
        }
        if candidate == Some(config.current) {
            return Err(InvalidRollout::NothingNew(config.current));
        }
        let least = config.least_findings_per_job;
        if !(least.is_finite() && least >= 0.0) {
            return Err(InvalidRollout::Findings(least));
        }
        match config.least_jobs {
            0 => Err(InvalidRollout::NoJobs),
            _ => Ok(Self { config }),
        }
    }

    /// What it says.
    #[must_use]
    pub fn config(&self) -> &RolloutConfig {
        &self.config
    }

    /// Whether a subject belongs to those that are reviewed by the candidate.
    ///
    /// It hangs on the subject and on the candidate alone: all processes agree, a rerun stays where it was, a larger
    /// slice has all of a smaller one in it, and the next candidate is not tried on the same ones again.
    #[must_use]
    pub fn is_in_slice(&self, subject: &str) -> bool {
        self.config.candidate.is_some_and(|candidate| {
            let place = place(subject, candidate.edition);
            place < candidate.percent.of_ten_thousand()
        })
    }
}

/// Where a subject stands in a row of ten thousand.
fn place(subject: &str, edition: Edition) -> u16 {
    let mut hash = Sha256::new();
    hash.update(edition.to_string());
    hash.update([0]);
    hash.update(subject);
    let number = hash
        .finalize()
        .iter()
        .take(8)
        .fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    u16::try_from(number % 10_000).unwrap_or_default()
}
