//! Keeping leases of long-running jobs alive, all of a worker's in one write.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::batch::{MAX_BATCH, check_lease, check_size, check_unique};
use crate::{Code, InvalidBatch, JobId, Lease, ProgressReport, Timestamp};

/// Leases to be extended from the database's now.
///
/// ```
/// use std::time::Duration;
/// use queue_core::memory::MemoryStore;
/// use queue_core::{JobStore, RenewBatch, Renewed};
/// # use queue_core::{ClaimRequest, EnqueueBatch, KindName, NewJob, Payload, QueueName, WorkerName};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = MemoryStore::default();
/// # let mail = QueueName::new("mail")?;
/// # let job = NewJob::new(mail.clone(), KindName::new("send_invoice")?, Payload::json(&42)?);
/// # store.enqueue(EnqueueBatch::one(job)).await?;
/// # let claimed = store.claim(ClaimRequest::new(WorkerName::new("w")?, vec![mail], 10)?).await?;
/// let leases = claimed.iter().map(|job| job.lease).collect();
/// for renewed in store.renew(RenewBatch::new(leases, Duration::from_secs(60))?).await? {
///     match renewed {
///         Renewed::Extended { cancel_requested, .. } => assert!(!cancel_requested),
///         Renewed::LeaseLost => unreachable!("nobody else is here to take it"),
///     }
/// }
/// assert!(RenewBatch::new(vec![claimed[0].lease], Duration::ZERO).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct RenewBatch {
    leases: Vec<Lease>,
    lease: Duration,
    reports: HashMap<JobId, ProgressReport>,
}

impl RenewBatch {
    /// Each lease once, extended to `lease` from now.
    pub fn new(leases: Vec<Lease>, lease: Duration) -> Result<Self, InvalidBatch> {
        check_size(leases.len(), MAX_BATCH)?;
        check_unique("job", &leases, Lease::job)?;
        check_lease(lease)?;
        Ok(Self {
            leases,
            lease,
            reports: HashMap::new(),
        })
    }

    /// Also writes down what these jobs report, each under its lease. What is not reported on keeps
    /// its last report.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use queue_core::memory::MemoryStore;
    /// use queue_core::{JobStore, RenewBatch, ProgressReport};
    /// # use queue_core::{ClaimRequest, EnqueueBatch, KindName, NewJob, Payload, QueueName, WorkerName};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let store = MemoryStore::default();
    /// # let mail = QueueName::new("mail")?;
    /// # let job = NewJob::new(mail.clone(), KindName::new("send_invoice")?, Payload::json(&42)?);
    /// # store.enqueue(EnqueueBatch::one(job)).await?;
    /// # let claimed = store.claim(ClaimRequest::new(WorkerName::new("w")?, vec![mail], 10)?).await?;
    /// let job = &claimed[0];
    /// let report = ProgressReport::new(Some(40), Some("page 12 of 30".to_owned()))?;
    /// let batch = RenewBatch::new(vec![job.lease], Duration::from_secs(60))?;
    /// store.renew(batch.with_reports(vec![(job.id(), report.clone())])?).await?;
    /// assert_eq!(store.job(job.id()).await?.and_then(|job| job.report), Some(report));
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_reports(
        mut self,
        reports: Vec<(JobId, ProgressReport)>,
    ) -> Result<Self, InvalidBatch> {
        check_unique("report on job", &reports, |(job, _)| *job)?;
        let renewed: HashSet<_> = self.leases.iter().map(Lease::job).collect();
        if let Some((job, _)) = reports.iter().find(|(job, _)| !renewed.contains(job)) {
            return Err(InvalidBatch::ReportWithoutLease(*job));
        }
        self.reports = reports.into_iter().collect();
        Ok(self)
    }

    /// What a job reports, if it does.
    #[must_use]
    pub fn report(&self, job: JobId) -> Option<&ProgressReport> {
        self.reports.get(&job)
    }

    /// Whether any job reports: most batches only renew.
    #[must_use]
    pub fn has_reports(&self) -> bool {
        !self.reports.is_empty()
    }

    /// The leases, in the order given.
    #[must_use]
    pub fn leases(&self) -> &[Lease] {
        &self.leases
    }

    /// How long from now.
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.lease
    }
}

/// What became of one renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    /// It is ours until then.
    Extended {
        /// When it ends now.
        expires_at: Timestamp,
        /// Someone asked the job to stop: the handler is to be told.
        cancel_requested: bool,
    },
    /// It is not ours any more (expired, taken or settled); nothing was changed.
    LeaseLost,
}

impl Renewed {
    /// A stable reason code: whether the lease is still ours.
    ///
    /// ```
    /// use queue_core::Renewed;
    /// assert_eq!(Renewed::LeaseLost.code(), "lease_lost");
    /// ```
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Extended { .. } => Code::Extended.as_str(),
            Self::LeaseLost => Code::LeaseLost.as_str(),
        }
    }
}

/// What became of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checkpointed {
    /// The output is stored.
    Stored {
        /// Someone asked the job to stop: the handler is to be told.
        cancel_requested: bool,
    },
    /// The stage had an output already; it was kept and nothing was changed.
    AlreadyStored,
    /// The lease is not ours any more; nothing was changed.
    LeaseLost,
}

impl Checkpointed {
    /// A stable reason code: whether the output is stored, and if not, why.
    ///
    /// ```
    /// use queue_core::Checkpointed;
    /// assert_eq!(Checkpointed::AlreadyStored.code(), "already_stored");
    /// ```
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Stored { .. } => Code::Stored.as_str(),
            Self::AlreadyStored => Code::AlreadyStored.as_str(),
            Self::LeaseLost => Code::LeaseLost.as_str(),
        }
    }
}
