//! Which dead letters a change is for.

use clap::Args;
use queue_core::{JobId, Store};
use queue_ops::letters;

use super::filter::Filter;
use crate::answer::Failure;
use crate::bulk::Many;
use crate::ids;

/// By their ids, or all that a filter lets through.
#[derive(Debug, Clone, Args)]
pub(crate) struct Targets {
    /// The ids of the jobs
    #[arg(value_name = "JOB", value_parser = ids::job, required_unless_present_any = ["all_matching", "all"], conflicts_with_all = ["all_matching", "all"])]
    jobs: Vec<JobId>,
    #[command(flatten)]
    many: Many,
    #[command(flatten)]
    filter: Filter,
}

impl Targets {
    /// The ids, each once.
    pub(crate) async fn find(&self, store: &dyn Store) -> Result<Vec<JobId>, Failure> {
        if let Some(jobs) = self.many.ids(&self.jobs, !self.filter.is_empty())? {
            return Ok(jobs);
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
        self.many.is_dry(found)
    }
}
