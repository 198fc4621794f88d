//! Which live jobs are meant.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use queue_core::{ErrorExcerpt, JobFilter, JobState, KindName, QueueName, TenantName, Timestamp};

use crate::answer::Failure;
use crate::moment::{self, Moment};

/// The states that live jobs have.
const LIVE: [JobState; 3] = [
    JobState::Queued,
    JobState::Running,
    JobState::AwaitingDelivery,
];

/// A filter as it is given; what is not given does not filter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub(super) struct Filter {
    /// Only those in this state
    #[arg(long, value_name = "STATE", value_parser = state())]
    state: Option<JobState>,
    /// Only those of this queue
    #[arg(long, value_name = "NAME")]
    queue: Option<QueueName>,
    /// Only those of this kind
    #[arg(long, value_name = "NAME")]
    kind: Option<KindName>,
    /// Only those of this tenant
    #[arg(long, value_name = "NAME")]
    tenant: Option<TenantName>,
    /// Only those created since then: a span back from now (2h), or a moment (2026-11-20T10:00Z)
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only those created before then
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
    /// Only those with this in the text of their last error; A to Z are the same as a to z
    #[arg(long, value_name = "TEXT")]
    text: Option<ErrorExcerpt>,
}

fn state() -> impl TypedValueParser<Value = JobState> {
    PossibleValuesParser::new(LIVE.map(JobState::as_str)).try_map(|text| {
        let mut states = LIVE.into_iter();
        states
            .find(|state| state.as_str() == text)
            .ok_or("no state")
    })
}

impl Filter {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// As the store takes it, by the database's time.
    pub(super) fn resolve(&self, now: Timestamp) -> Result<JobFilter, Failure> {
        let (since, until) = moment::range(self.since, self.until, now)?;
        Ok(JobFilter {
            state: self.state,
            queue: self.queue.clone(),
            kind: self.kind.clone(),
            tenant: self.tenant.clone(),
            since,
            until,
            text: self.text.clone(),
        })
    }
}
