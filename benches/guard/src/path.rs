//! What is counted.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A hot path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum HotPath {
    /// What becomes of a job that is done, and of one that failed.
    Decide,
    /// A document of ten findings, read by its contract.
    Read,
    /// A batch of 100 jobs, made and checked.
    Batch,
    /// One job, enqueued on SQLite.
    Enqueue,
    /// 100 jobs, enqueued on SQLite in one call.
    EnqueueMany,
    /// 100 jobs, claimed and finished on SQLite.
    Work,
    /// 100 leases, renewed on SQLite.
    Renew,
}

impl HotPath {
    /// How often it is gone along in the shorter run; in the longer one, five times as often.
    pub(crate) fn times(self) -> u32 {
        match self {
            Self::Decide => 1_000,
            Self::Read => 100,
            Self::Batch | Self::Enqueue => 200,
            Self::EnqueueMany | Self::Work | Self::Renew => 20,
        }
    }

    /// As the command line and the file have it.
    pub(crate) fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }
}
