//! Which messages a change is for.

use clap::Args;
use queue_core::{NotificationId, NotificationState, Store};

use super::filter::Filter;
use crate::answer::Failure;
use crate::bulk::Many;
use crate::ids;

/// By their ids, or all in the fitting state that a filter lets through.
#[derive(Debug, Clone, Args)]
pub(super) struct Targets {
    /// The ids of the messages
    #[arg(value_name = "ID", value_parser = ids::notification, required_unless_present_any = ["all_matching", "all"], conflicts_with_all = ["all_matching", "all"])]
    ids: Vec<NotificationId>,
    #[command(flatten)]
    many: Many,
    #[command(flatten)]
    filter: Filter,
}

impl Targets {
    /// The ids, each once; those of a filter are in `state`.
    pub(super) async fn find(
        &self,
        store: &dyn Store,
        state: NotificationState,
    ) -> Result<Vec<NotificationId>, Failure> {
        if let Some(ids) = self.many.ids(&self.ids, !self.filter.is_empty())? {
            return Ok(ids);
        }
        let rows = self.filter.find(store, &[state], None, usize::MAX).await?;
        Ok(rows.iter().map(|row| row.id).collect())
    }

    pub(super) fn is_dry(&self, found: usize) -> bool {
        self.many.is_dry(found)
    }
}
