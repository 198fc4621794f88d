//! What the service is told: one TOML file beside the library's own.
//!
//! ```toml
//! leasehold = "leasehold.toml"   # the database, logs, channels: shared with `leasehold` and the sweeper
//!
//! [allow_list]
//! prefixes = ["//depot/shop/..."]
//!
//! [depot]
//! executable = "/usr/bin/p4"
//!
//! [model]
//! endpoint = "https://models.example.org/v1/chat/completions"
//! model = "reviewer-large"
//! credential = "credential:model-key"
//!
//! [notice]
//! from = "Reviews <reviews@example.org>"
//! ```
//!
//! No secret stands in it: it says where each is.

mod invalid;
mod sections;
mod value;

use std::path::{Path, PathBuf};

use queue_ops::{Config, Database, InvalidConfig};
use serde::Deserialize;

use crate::allow_list::AllowList;
use crate::depot::{P4, P4Config};
use crate::model::{ModelClient, ModelConfig};
use crate::redaction::{RedactionPolicy, Redactor};
use crate::review::AcceptedVersions;
use crate::rollout::{RolloutConfig, RolloutPlan};

pub use invalid::InvalidServiceConfig;
pub use sections::{
    AllowListSection, ArtifactsSection, IngestSection, NoticeSection, WorkerSection,
};

/// So many bytes of prefixes fit into a record of the audit trail together with what they take the place of.
const LONGEST_LIST: usize = 12 * 1024;

/// What the service is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceConfig {
    /// The library's own file; a path that does not begin with `/` is beside this one.
    pub leasehold: PathBuf,
    /// Where requests come in.
    #[serde(default)]
    pub ingest: IngestSection,
    /// What may be read of the depot.
    pub allow_list: AllowListSection,
    /// How the depot is asked.
    pub depot: P4Config,
    /// What is taken out before the model sees it.
    #[serde(default)]
    pub redaction: RedactionPolicy,
    /// Who reviews.
    pub model: ModelConfig,
    /// Which versions of answers are read.
    #[serde(default)]
    pub versions: AcceptedVersions,
    /// Which of them is asked for.
    #[serde(default)]
    pub rollout: RolloutConfig,
    /// How people are told.
    pub notice: NoticeSection,
    /// What is kept of each review, and for how long.
    #[serde(default)]
    pub artifacts: ArtifactsSection,
    /// How much is done at a time.
    #[serde(default)]
    pub worker: WorkerSection,
    /// The library's.
    #[serde(skip)]
    shared: Config,
    /// Where it was read from.
    #[serde(skip)]
    path: PathBuf,
}

impl ServiceConfig {
    /// Reads the file, and the library's that it names. Everything that can be wrong with either is found now.
    pub fn read(path: &Path) -> Result<Self, InvalidServiceConfig> {
        let bytes =
            std::fs::read(path).map_err(|error| InvalidServiceConfig::unreadable(path, &error))?;
        let text = String::from_utf8(bytes)
            .map_err(|error| InvalidServiceConfig::not_text(path, error.utf8_error()))?;
        let mut config: Self = toml::from_str(&text)
            .map_err(|error| InvalidServiceConfig::malformed(path, &text, &error))?;
        config.path = path.to_owned();
        config.leasehold = beside(path, &config.leasehold);
        config.artifacts.folder = beside(path, &config.artifacts.folder);
        config.shared = Config::read(Some(&config.leasehold))?;
        config.check()?;
        Ok(config)
    }

    /// The library's part: database, logs, channels.
    #[must_use]
    pub fn shared(&self) -> &Config {
        &self.shared
    }

    /// Where it was read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The database, not opened yet.
    pub fn database(&self) -> Result<Database, InvalidServiceConfig> {
        let url = self.shared.database_url()?;
        let url = url.ok_or_else(|| {
            self.wrong("it names no database: give `database.url`", &self.leasehold)
        })?;
        Database::parse(&url).map_err(|error| self.wrong(&error.to_string(), &self.leasehold))
    }

    /// The allow-list, with every fault of it told.
    pub fn allow_list(&self) -> Result<AllowList, InvalidServiceConfig> {
        let bytes: usize = self.allow_list.prefixes.iter().map(String::len).sum();
        if bytes > LONGEST_LIST {
            let problem = format!(
                "allow_list.prefixes: {bytes} bytes are more than a record takes; write shorter ones, of \
                 {LONGEST_LIST} bytes together"
            );
            return Err(self.wrong(&problem, &self.path));
        }
        AllowList::new(&self.allow_list.prefixes)
            .map_err(|error| self.wrong(&format!("allow_list.prefixes: {error}"), &self.path))
    }

    /// What takes secrets out.
    pub fn redactor(&self) -> Result<Redactor, InvalidServiceConfig> {
        Redactor::new(self.redaction.clone())
            .map_err(|error| self.wrong(&format!("redaction.internal_hosts: {error}"), &self.path))
    }

    /// Finds what would keep a worker from starting: a secret that is not there, a file that cannot be read.
    pub fn check_secrets(&self) -> Result<(), InvalidServiceConfig> {
        self.shared.delivery.check().map_err(InvalidConfig::from)?;
        let digest = self.redactor()?.policy_digest().to_owned();
        ModelClient::new(self.model.clone(), digest)
            .map_err(|error| self.wrong(&error.to_string(), &self.path))?;
        P4::new(self.depot.clone()).map_err(|error| self.wrong(&error.to_string(), &self.path))?;
        Ok(())
    }

    /// What may be meant and may be a mistake.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        let mut findings = self.shared.delivery.findings();
        let channel = self.notice.channel.as_str();
        if !self
            .shared
            .delivery
            .channels()
            .iter()
            .any(|known| known.name().as_str() == channel)
        {
            findings.push(format!(
                "mails go through the channel `{channel}`, and {} has none of that name: they wait until some \
                 process has one",
                self.leasehold.display()
            ));
        }
        findings
    }

    /// What the model is asked for, and for how much of the traffic.
    pub fn rollout(&self) -> Result<RolloutPlan, InvalidServiceConfig> {
        RolloutPlan::new(self.rollout.clone(), &self.versions)
            .map_err(|error| self.wrong(&format!("rollout: {error}"), &self.path))
    }

    fn check(&self) -> Result<(), InvalidServiceConfig> {
        self.rollout()?;
        self.database()?;
        self.allow_list()?;
        self.redactor()?;
        let sections = self
            .ingest
            .check()
            .and_then(|()| self.artifacts.check())
            .and_then(|()| self.worker.check())
            .and_then(|()| self.notice.check());
        sections.map_err(|problem| self.wrong(&problem, &self.path))
    }

    fn wrong(&self, problem: &str, file: &Path) -> InvalidServiceConfig {
        InvalidServiceConfig::Wrong {
            file: file.to_owned(),
            problem: problem.to_owned(),
        }
    }
}

fn beside(file: &Path, path: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) => folder.join(path),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests;
