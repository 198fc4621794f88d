//! Which jobs a change is for.

use clap::Args;
use queue_core::{JobId, Page, Store, StoreError};

use super::filter::Filter;
use crate::answer::Failure;
use crate::bulk::Many;
use crate::ids;

/// By their ids, or all that a filter lets through.
#[derive(Debug, Clone, Args)]
pub(super) struct Targets {
    /// The ids of the jobs
    #[arg(value_name = "JOB", value_parser = ids::job, required_unless_present_any = ["all_matching", "all"], conflicts_with_all = ["all_matching", "all"])]
    jobs: Vec<JobId>,
    #[command(flatten)]
    many: Many,
    #[command(flatten)]
    filter: Filter,
}

/// How many are asked for at a time.
const PAGE: u32 = 1000;

impl Targets {
    /// The ids, each once.
    pub(super) async fn find(&self, store: &dyn Store) -> Result<Vec<JobId>, Failure> {
        if let Some(jobs) = self.many.ids(&self.jobs, !self.filter.is_empty())? {
            return Ok(jobs);
        }
        let filter = self.filter.resolve(store.now().await?)?;
        let mut page = Page::first(PAGE).map_err(StoreError::from)?;
        let mut jobs = Vec::new();
        loop {
            let found = store.jobs(&filter, page).await?;
            jobs.extend(found.jobs.iter().map(|job| job.id));
            match found.next {
                Some(next) => page = page.after(next.get()),
                None => return Ok(jobs),
            }
        }
    }

    pub(super) fn is_dry(&self, found: usize) -> bool {
        self.many.is_dry(found)
    }
}
