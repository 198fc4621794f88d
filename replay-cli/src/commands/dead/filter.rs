//! Which dead letters are meant.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use queue_core::{
    ErrorClass, ErrorExcerpt, JobId, JobSet, KindName, LetterFilter, LetterState, QueueName,
    ReasonCode, StageName, StoreError, TenantName, Timestamp,
};

use crate::answer::Failure;
use crate::ids;
use crate::moment::{self, Moment};

/// A filter as it is given; what is not given does not filter.
#[derive(Debug, Clone, PartialEq, Eq, Default, Args)]
pub(crate) struct Filter {
    /// Only those in this state
    #[arg(long, value_name = "STATE", value_parser = state())]
    state: Option<LetterState>,
    /// Only those of this queue
    #[arg(long, value_name = "NAME")]
    queue: Option<QueueName>,
    /// Only those of this kind
    #[arg(long, value_name = "NAME")]
    kind: Option<KindName>,
    /// Only those that died of this class, such as NETWORK_TIMEOUT
    #[arg(long, value_name = "CLASS")]
    error_class: Option<ErrorClass>,
    /// Only those of this tenant
    #[arg(long, value_name = "NAME")]
    tenant: Option<TenantName>,
    /// Only those that died in this stage
    #[arg(long, value_name = "NAME")]
    stage: Option<StageName>,
    /// Only those whose payload or result was refused for this reason, such as payload_invalid
    #[arg(long, value_name = "CODE")]
    reason_code: Option<ReasonCode>,
    /// Only those with this in the text of the error; A to Z are the same as a to z
    #[arg(long, value_name = "TEXT")]
    text: Option<ErrorExcerpt>,
    /// Only this job; may be given several times
    #[arg(long, value_name = "JOB", value_parser = ids::job)]
    job: Vec<JobId>,
    /// Only those that died since then: a span back from now (2h), or a moment (2026-11-20T10:00Z)
    #[arg(long, value_name = "TIME")]
    since: Option<Moment>,
    /// Only those that died before then
    #[arg(long, value_name = "TIME")]
    until: Option<Moment>,
}

fn state() -> impl TypedValueParser<Value = LetterState> {
    PossibleValuesParser::new(LetterState::ALL.map(LetterState::as_str)).try_map(|text| {
        let mut states = LetterState::ALL.into_iter();
        states
            .find(|state| state.as_str() == text)
            .ok_or("no state")
    })
}

impl Filter {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// As the store takes it, by the database's time.
    pub(crate) fn resolve(&self, now: Timestamp) -> Result<LetterFilter, Failure> {
        let jobs = match self.job.as_slice() {
            [] => None,
            jobs => {
                let mut jobs = jobs.to_vec();
                jobs.sort_unstable();
                jobs.dedup();
                Some(JobSet::new(jobs).map_err(StoreError::from)?)
            }
        };
        let (since, until) = moment::range(self.since, self.until, now)?;
        Ok(LetterFilter {
            state: self.state,
            queue: self.queue.clone(),
            kind: self.kind.clone(),
            error_class: self.error_class.clone(),
            tenant: self.tenant.clone(),
            since,
            until,
            stage: self.stage.clone(),
            reason: self.reason_code.clone(),
            text: self.text.clone(),
            jobs,
        })
    }
}
