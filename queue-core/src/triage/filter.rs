//! Which dead letters are wanted.

use std::fmt;

use crate::batch::{check_size, check_unique};
use crate::{
    ErrorClass, ErrorExcerpt, InvalidBatch, JobId, KindName, LetterCursor, LetterState,
    LetterSummary, MAX_BATCH, QueueName, ReasonCode, StageName, TenantName, Timestamp,
};

use super::cursor;

/// Jobs named one by one.
///
/// ```
/// use queue_core::{JobId, JobSet};
/// assert!(JobSet::new(vec![JobId::new(1), JobId::new(2)]).is_ok());
/// assert!(JobSet::new(vec![JobId::new(1), JobId::new(1)]).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSet(Vec<JobId>);

impl JobSet {
    /// One to [`MAX_BATCH`] jobs, each once.
    pub fn new(mut jobs: Vec<JobId>) -> Result<Self, InvalidBatch> {
        check_size(jobs.len(), MAX_BATCH)?;
        check_unique("job", &jobs, |job| *job)?;
        jobs.sort_unstable();
        Ok(Self(jobs))
    }

    /// The jobs, by number.
    #[must_use]
    pub fn jobs(&self) -> &[JobId] {
        &self.0
    }

    /// Whether the job is one of them.
    #[must_use]
    pub fn contains(&self, job: JobId) -> bool {
        self.0.binary_search(&job).is_ok()
    }
}

/// Which dead letters are wanted; an empty filter means all.
///
/// ```
/// use queue_core::{LetterFilter, LetterPage, OperatorStore};
/// # use queue_core::{
/// #     ClaimRequest, EnqueueBatch, ErrorClass, Failure, Jitter, JobStore, KindName, NewJob, Outcome,
/// #     Payload, QueueName, RetryPolicy, SettleBatch, WorkerName, decide,
/// # };
/// # use queue_core::memory::MemoryStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::default();
/// # let queue = QueueName::new("mail")?;
/// # let job = NewJob::new(queue.clone(), KindName::new("send_invoice")?, Payload::json(&42)?);
/// # let id = store.enqueue(EnqueueBatch::one(job)).await?[0].job();
/// # let request = ClaimRequest::new(WorkerName::new("worker-1")?, vec![queue], 1)?;
/// # let claimed = store.claim(request).await?.remove(0);
/// # let failure = Failure::permanent(ErrorClass::schema_invalid(), "no order 42");
/// # let policy = RetryPolicy::default();
/// # let bury = decide(Outcome::Failed(failure), &claimed.progress, 5, &policy, Jitter::random());
/// # store.settle(SettleBatch::one(claimed.lease, bury)?).await?;
/// let broken = LetterFilter {
///     error_class: Some(ErrorClass::schema_invalid()),
///     text: Some("NO ORDER".parse()?),
///     ..LetterFilter::default()
/// };
/// assert_eq!(broken.to_string(), "error_class=SCHEMA_INVALID text=\"NO ORDER\"");
/// let page = store.letters(&broken, LetterPage::first(100)?).await?;
/// assert_eq!(page.letters[0].message, "no order 42");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LetterFilter {
    /// In this state.
    pub state: Option<LetterState>,
    /// Of this queue.
    pub queue: Option<QueueName>,
    /// Of this kind.
    pub kind: Option<KindName>,
    /// Of this class.
    pub error_class: Option<ErrorClass>,
    /// Of this tenant.
    pub tenant: Option<TenantName>,
    /// That died in this stage.
    pub stage: Option<StageName>,
    /// Whose payload or result was refused for this reason.
    pub reason: Option<ReasonCode>,
    /// With this in the text of the error; A to Z are the same as a to z.
    pub text: Option<ErrorExcerpt>,
    /// That died at or after this.
    pub since: Option<Timestamp>,
    /// That died before this.
    pub until: Option<Timestamp>,
    /// One of these.
    pub jobs: Option<JobSet>,
}

impl LetterFilter {
    /// Whether the letter is wanted.
    #[must_use]
    pub fn takes(&self, letter: &LetterSummary) -> bool {
        fn wants<T: PartialEq>(wanted: Option<&T>, is: Option<&T>) -> bool {
            wanted.is_none() || wanted == is
        }
        wants(self.state.as_ref(), Some(&letter.state))
            && wants(self.queue.as_ref(), Some(&letter.queue))
            && wants(self.kind.as_ref(), Some(&letter.kind))
            && wants(self.error_class.as_ref(), Some(&letter.error_class))
            && wants(self.tenant.as_ref(), letter.tenant.as_ref())
            && wants(self.stage.as_ref(), Some(&letter.stage))
            && wants(self.reason.as_ref(), letter.reason.as_ref())
            && self
                .sought()
                .is_none_or(|text| letter.message.to_ascii_lowercase().contains(&text))
            && letter.died_at >= self.from()
            && letter.cursor() < self.before()
            && self
                .jobs
                .as_ref()
                .is_none_or(|set| set.contains(letter.job))
    }

    /// Its `since`, or a time before all deaths.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        cursor::since(self)
    }

    /// Its `until` as a place in the list: what is wanted is behind it.
    #[must_use]
    pub fn before(&self) -> LetterCursor {
        cursor::before(self)
    }

    /// The text that is looked for, as it is compared.
    #[must_use]
    pub fn sought(&self) -> Option<String> {
        let text = self.text.as_ref()?;
        Some(text.as_str().to_ascii_lowercase())
    }
}

impl fmt::Display for LetterFilter {
    /// What is asked for, in one line; `all` if nothing is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let jobs = self.jobs.as_ref().map(|set| {
            let jobs: Vec<_> = set.jobs().iter().map(JobId::to_string).collect();
            jobs.join(",")
        });
        let parts = [
            ("state", self.state.map(|state| state.to_string())),
            ("queue", self.queue.as_ref().map(ToString::to_string)),
            ("kind", self.kind.as_ref().map(ToString::to_string)),
            (
                "error_class",
                self.error_class.as_ref().map(ToString::to_string),
            ),
            ("tenant", self.tenant.as_ref().map(ToString::to_string)),
            ("stage", self.stage.as_ref().map(ToString::to_string)),
            ("reason", self.reason.as_ref().map(ToString::to_string)),
            (
                "text",
                self.text
                    .as_ref()
                    .map(|text| format!("{:?}", text.as_str())),
            ),
            ("since", self.since.map(|at| at.to_string())),
            ("until", self.until.map(|at| at.to_string())),
            ("jobs", jobs),
        ];
        let parts: Vec<_> = parts
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| format!("{name}={value}")))
            .collect();
        if parts.is_empty() {
            f.pad("all")
        } else {
            f.pad(&parts.join(" "))
        }
    }
}
