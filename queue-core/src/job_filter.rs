//! Which live jobs an operator looks at.

use crate::codes;
use crate::{
    Code, ErrorExcerpt, JobId, JobState, JobView, KindName, Page, QueueName, TenantName, Timestamp,
};

/// So many live jobs one page looks at, whatever of them is wanted.
pub const JOB_WALK: u32 = 10_000;

/// Which live jobs are wanted; an empty filter means all.
///
/// There is no index for each of these, since every enqueue would pay for it. A page walks over at most
/// [`JOB_WALK`] jobs and says where it ended: see [`JobPage::next`].
///
/// ```
/// use queue_core::memory::MemoryStore;
/// use queue_core::{JobFilter, JobStore, KindName, Page};
/// # use queue_core::{EnqueueBatch, NewJob, Payload, QueueName};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::default();
/// # for kind in ["invoice", "reminder", "invoice"] {
/// #     let job = NewJob::new(QueueName::new("mail")?, KindName::new(kind)?, Payload::json(&42)?);
/// #     store.enqueue(EnqueueBatch::one(job)).await?;
/// # }
/// let invoices = JobFilter { kind: Some(KindName::new("invoice")?), ..JobFilter::default() };
/// let (mut page, mut seen) = (Page::first(100)?, 0);
/// loop {
///     let found = store.jobs(&invoices, page).await?;
///     seen += found.jobs.len();
///     let Some(next) = found.next else { break };
///     page = page.after(next.get());
/// }
/// assert_eq!(seen, 2);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobFilter {
    /// In this state: queued, running or awaiting delivery. No live job is in another one.
    pub state: Option<JobState>,
    /// Of this queue.
    pub queue: Option<QueueName>,
    /// Of this kind.
    pub kind: Option<KindName>,
    /// Of this tenant.
    pub tenant: Option<TenantName>,
    /// That was created at or after this.
    pub since: Option<Timestamp>,
    /// That was created before this.
    pub until: Option<Timestamp>,
    /// With this in the text of the error of its last attempt; A to Z are the same as a to z.
    pub text: Option<ErrorExcerpt>,
}

impl JobFilter {
    /// The states that are wanted, as bits at the places that their [`codes`](crate::codes) say.
    ///
    /// ```
    /// use queue_core::{JobFilter, JobState, codes};
    /// let queued = JobFilter { state: Some(JobState::Queued), ..JobFilter::default() };
    /// assert_eq!(queued.state_bits(), 1 << codes::READY | 1 << codes::WAITING);
    /// ```
    #[must_use]
    pub fn state_bits(&self) -> i32 {
        match self.state {
            None => {
                1 << codes::READY | 1 << codes::RUNNING | 1 << codes::WAITING | 1 << codes::AWAITING
            }
            Some(JobState::Queued) => 1 << codes::READY | 1 << codes::WAITING,
            Some(JobState::Running) => 1 << codes::RUNNING,
            Some(JobState::AwaitingDelivery) => 1 << codes::AWAITING,
            Some(_) => 0,
        }
    }

    /// Whether a job is wanted.
    #[must_use]
    pub fn matches(&self, job: &JobView) -> bool {
        self.state.is_none_or(|state| job.state == state)
            && self.queue.as_ref().is_none_or(|queue| job.queue == *queue)
            && self.kind.as_ref().is_none_or(|kind| job.kind == *kind)
            && (self.tenant.is_none() || job.tenant == self.tenant)
            && self.since.is_none_or(|since| job.created_at >= since)
            && self.until.is_none_or(|until| job.created_at < until)
            && self.sought().is_none_or(|text| {
                let failure = job.failure.as_ref();
                failure.is_some_and(|it| it.message.to_ascii_lowercase().contains(&text))
            })
    }

    /// The text that is looked for, as it is compared.
    #[must_use]
    pub fn sought(&self) -> Option<String> {
        let text = self.text.as_ref()?;
        Some(text.as_str().to_ascii_lowercase())
    }
}

/// What a page found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JobPage {
    /// The jobs, by id.
    pub jobs: Vec<JobView>,
    /// Where the next page begins, if there may be more. There can be a next page also where this one
    /// found nothing.
    pub next: Option<JobId>,
}

impl JobPage {
    /// From the jobs that were found among `walked` ones, of which `end` was the last.
    #[must_use]
    pub fn of(jobs: Vec<JobView>, page: Page, end: Option<JobId>, walked: u32) -> Self {
        let next = if jobs.len() >= page.limit() as usize {
            jobs.last().map(|job| job.id)
        } else {
            end.filter(|_| walked >= JOB_WALK)
        };
        Self { jobs, next }
    }
}

/// What became of the wish that a job runs sooner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hastened {
    /// It may run now.
    Due {
        /// Whether it had to wait until this. If it had not, nothing was changed.
        changed: bool,
    },
    /// It is not queued.
    Refused {
        /// Its state.
        state: JobState,
    },
    /// There is no such job.
    NotFound,
}

impl Hastened {
    /// A stable reason code.
    ///
    /// ```
    /// use queue_core::{Hastened, JobState};
    /// assert_eq!(Hastened::Refused { state: JobState::Running }.code(), "refused");
    /// ```
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Due { .. } => Code::Applied.as_str(),
            Self::Refused { .. } => Code::Refused.as_str(),
            Self::NotFound => Code::NotFound.as_str(),
        }
    }
}
