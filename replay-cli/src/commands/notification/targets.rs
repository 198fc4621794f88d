//! Which messages a change is for.

use clap::Args;
use queue_core::{NotificationId, NotificationState, Store};

use super::filter::Filter;
use crate::answer::Failure;
use crate::bulk::{self, Consent};
use crate::ids;

/// By their ids, or all in the fitting state that a filter lets through.
#[derive(Debug, Clone, Args)]
pub(super) struct Targets {
    /// The ids of the messages
    #[arg(value_name = "ID", value_parser = ids::notification, required_unless_present = "all_matching", conflicts_with = "all_matching")]
    ids: Vec<NotificationId>,
    /// All that can be decided on so and that the filter lets through, instead of ids
    #[arg(long)]
    all_matching: bool,
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    consent: Consent,
}

impl Targets {
    /// The ids, each once; those of a filter are in `state`.
    pub(super) async fn find(
        &self,
        store: &dyn Store,
        state: NotificationState,
    ) -> Result<Vec<NotificationId>, Failure> {
        if self.all_matching {
            let rows = self.filter.find(store, &[state], None, usize::MAX).await?;
            return Ok(rows.iter().map(|row| row.id).collect());
        }
        bulk::named(&self.ids, !self.filter.is_empty())
    }

    pub(super) fn is_dry(&self, found: usize) -> bool {
        self.consent.is_dry(found, self.all_matching)
    }
}
