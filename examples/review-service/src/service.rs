//! What the handlers of jobs share.

use std::io;
use std::sync::Arc;

use queue_core::{Cause, JobError, JobId};

use crate::allowed::Allowed;
use crate::artifacts::{Artifact, Artifacts};
use crate::config::ServiceConfig;
use crate::depot::P4;
use crate::model::ModelClient;
use crate::notice::Mails;
use crate::redaction::Redactor;
use crate::review::AnswerContract;
use crate::trials::Trials;

/// What the handlers of jobs share: built once, of the configuration.
#[derive(Debug, Clone)]
pub struct Service(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    allowed: Allowed,
    artifacts: Artifacts,
    depot: P4,
    redactor: Redactor,
    model: ModelClient,
    contract: AnswerContract,
    trials: Trials,
    mails: Mails,
}

impl Service {
    /// Reads secrets and makes folders; connects to nothing.
    pub fn new(config: &ServiceConfig, allowed: Allowed) -> Result<Self, Cause> {
        let redactor = config.redactor()?;
        Ok(Self(Arc::new(Parts {
            allowed,
            artifacts: Artifacts::open(&config.artifacts)?,
            depot: P4::new(config.depot.clone())?,
            model: ModelClient::new(config.model.clone(), redactor.policy_digest())?,
            redactor,
            contract: AnswerContract::new(&config.versions)?,
            trials: Trials::new(config.rollout()?),
            mails: Mails::new(&config.notice)?,
        })))
    }

    /// The allow-list in force.
    #[must_use]
    pub fn allowed(&self) -> &Allowed {
        &self.0.allowed
    }

    /// What is kept of reviews.
    #[must_use]
    pub fn artifacts(&self) -> &Artifacts {
        &self.0.artifacts
    }

    /// The depot.
    #[must_use]
    pub fn depot(&self) -> &P4 {
        &self.0.depot
    }

    /// What takes secrets out.
    #[must_use]
    pub fn redactor(&self) -> &Redactor {
        &self.0.redactor
    }

    /// Who reviews.
    #[must_use]
    pub fn model(&self) -> &ModelClient {
        &self.0.model
    }

    /// What an answer is held to.
    #[must_use]
    pub fn contract(&self) -> &AnswerContract {
        &self.0.contract
    }

    /// Which prompt is used for which change, and what comes of it.
    #[must_use]
    pub fn trials(&self) -> &Trials {
        &self.0.trials
    }

    /// Who writes the mails.
    #[must_use]
    pub fn mails(&self) -> &Mails {
        &self.0.mails
    }

    /// Keeps an artifact. A disk that is full is no reason to give a review up: another attempt may find room.
    pub async fn keep(&self, job: JobId, artifact: Artifact, text: &str) -> Result<(), JobError> {
        let (artifacts, text) = (self.0.artifacts.clone(), text.to_owned());
        let kept = tokio::task::spawn_blocking(move || artifacts.keep(job, artifact, &text));
        let kept: io::Result<()> = kept
            .await
            .unwrap_or_else(|error| Err(io::Error::other(error)));
        kept.map_err(|error| {
            JobError::retryable("ARTIFACT_NOT_KEPT", format_args!("{artifact}: {error}"))
        })
    }
}
