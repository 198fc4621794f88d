//! Which dead letters a change is for.

use clap::Args;
use queue_core::{JobId, Store};
use queue_ops::letters;

use super::filter::Filter;
use crate::answer::Failure;
use crate::bulk::{self, Consent};
use crate::ids;

/// By their ids, or all that a filter lets through.
#[derive(Debug, Clone, Args)]
pub(crate) struct Targets {
    /// The ids of the jobs
    #[arg(value_name = "JOB", value_parser = ids::job, required_unless_present = "all_matching", conflicts_with = "all_matching")]
    jobs: Vec<JobId>,
    /// All that the filter lets through, instead of ids
    #[arg(long)]
    all_matching: bool,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    consent: Consent,
}

impl Targets {
    /// The ids, each once.
    pub(crate) async fn find(&self, store: &dyn Store) -> Result<Vec<JobId>, Failure> {
        if !self.all_matching {
            return bulk::named(&self.jobs, !self.filter.is_empty());
        }
        let filter = self.filter.resolve(store.now().await?)?;
        let letters = letters::all(store, &filter).await?;
        let mut jobs: Vec<JobId> = letters.iter().map(|letter| letter.job).collect();
        // One that died again meanwhile may have been met twice.
        jobs.sort();
        jobs.dedup();
        Ok(jobs)
    }

    pub(crate) fn is_dry(&self, found: usize) -> bool {
        self.consent.is_dry(found, self.all_matching)
    }
}
