//! Which live jobs are meant.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use queue_core::{JobFilter, JobState, KindName, QueueName, TenantName};

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

    /// As the store takes it.
    pub(super) fn resolve(&self) -> JobFilter {
        JobFilter {
            state: self.state,
            queue: self.queue.clone(),
            kind: self.kind.clone(),
            tenant: self.tenant.clone(),
        }
    }
}
