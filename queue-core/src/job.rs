//! A job on its way in, under a lease, and as an operator sees it.

use std::time::Duration;

use crate::{
    ErrorClass, Fence, Headers, IdempotencyKey, InvalidHeader, JobId, JobState, KindName, Lease,
    OrderingKey, Payload, Priority, Progress, ProgressReport, QueueName, Revision, StageOutput,
    Subject, TenantName, Timestamp, WorkerName,
};

/// How long an idempotency key is remembered unless the caller says otherwise.
pub const DEFAULT_KEY_RETENTION: Duration = Duration::from_secs(7 * 24 * 3600);

/// Attempts per stage unless the caller says otherwise, the first one included.
pub const DEFAULT_MAX_ATTEMPTS: u16 = 5;

/// When a job may first run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RunAt {
    /// At once.
    #[default]
    Now,
    /// This long after the database's now: free of the caller's clock.
    In(Duration),
    /// At a moment in UTC.
    At(Timestamp),
}

impl RunAt {
    /// The moment, given the database's now. Moments in the past mean now.
    #[must_use]
    pub fn resolve(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Now => now,
            Self::In(delay) => now + delay,
            Self::At(moment) => moment.max(now),
        }
    }
}

/// What the job is about and which revision of it, see [`crate::admission`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectRevision {
    /// The thing.
    pub subject: Subject,
    /// Which revision of it.
    pub revision: Revision,
    /// Whether a higher revision than the succeeded one is wanted.
    pub rerun: bool,
}

/// A key that makes enqueueing repeatable, and how long it is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The caller's key; its scope is the job's kind.
    pub key: IdempotencyKey,
    /// Counted from the enqueue; while the job is unfinished the key holds in any case.
    pub retention: Duration,
}

/// A job to be stored.
///
/// ```
/// use std::time::Duration;
/// use queue_core::{IdempotencyKey, KindName, NewJob, Payload, Priority, QueueName};
/// let job = NewJob::new(
///     QueueName::new("mail").unwrap(),
///     KindName::new("send_invoice").unwrap(),
///     Payload::json(&42).unwrap(),
/// )
/// .priority(Priority::HIGHEST)
/// .delay(Duration::from_secs(60))
/// .idempotent(IdempotencyKey::new("invoice 42").unwrap());
/// assert_eq!(job.max_attempts, 5);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewJob {
    /// The queue it waits in.
    pub queue: QueueName,
    /// What its payload means.
    pub kind: KindName,
    /// Its bytes.
    pub payload: Payload,
    /// Before or after others of its queue.
    pub priority: Priority,
    /// Not before.
    pub run_at: RunAt,
    /// Attempts per stage, the first one included; at least 1.
    pub max_attempts: u16,
    /// Makes the enqueue repeatable.
    pub idempotency: Option<Idempotency>,
    /// What it is about.
    pub subject: Option<SubjectRevision>,
    /// For fair turns.
    pub tenant: Option<TenantName>,
    /// One at a time with others of this key.
    pub ordering_key: Option<OrderingKey>,
    /// Correlation id, trace context and the like.
    pub headers: Headers,
}

impl NewJob {
    /// A job with the defaults: priority 0, at once, 5 attempts per stage.
    #[must_use]
    pub fn new(queue: QueueName, kind: KindName, payload: Payload) -> Self {
        Self {
            queue,
            kind,
            payload,
            priority: Priority::DEFAULT,
            run_at: RunAt::Now,
            max_attempts: DEFAULT_MAX_ATTEMPTS,
            idempotency: None,
            subject: None,
            tenant: None,
            ordering_key: None,
            headers: Headers::new(),
        }
    }

    /// Before or after others of its queue.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Not before a moment.
    #[must_use]
    pub fn run_at(mut self, moment: Timestamp) -> Self {
        self.run_at = RunAt::At(moment);
        self
    }

    /// Not before this long from the database's now.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.run_at = RunAt::In(delay);
        self
    }

    /// Attempts per stage, the first one included; 0 is taken for 1.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u16) -> Self {
        self.max_attempts = attempts.clamp(1, i16::MAX.unsigned_abs());
        self
    }

    /// The same key again (within the kind) creates nothing and returns this job.
    #[must_use]
    pub fn idempotent(self, key: IdempotencyKey) -> Self {
        self.idempotent_for(key, DEFAULT_KEY_RETENTION)
    }

    /// As [`Self::idempotent`], remembered for a chosen time.
    #[must_use]
    pub fn idempotent_for(mut self, key: IdempotencyKey, retention: Duration) -> Self {
        self.idempotency = Some(Idempotency { key, retention });
        self
    }

    /// What the job is about, at which revision.
    #[must_use]
    pub fn about(mut self, subject: Subject, revision: Revision) -> Self {
        self.subject = Some(SubjectRevision {
            subject,
            revision,
            rerun: false,
        });
        self
    }

    /// With [`Self::about`]: a higher revision than the one that succeeded is wanted.
    #[must_use]
    pub fn rerun(mut self) -> Self {
        if let Some(subject) = &mut self.subject {
            subject.rerun = true;
        }
        self
    }

    /// Whose job it is.
    #[must_use]
    pub fn tenant(mut self, tenant: TenantName) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// One at a time with others of this key in its queue.
    #[must_use]
    pub fn ordered_by(mut self, key: OrderingKey) -> Self {
        self.ordering_key = Some(key);
        self
    }

    /// Adds a header; one that not every backend could store is refused.
    pub fn header(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, InvalidHeader> {
        self.headers.insert(name, value)?;
        Ok(self)
    }
}

/// A job under a fresh lease.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// The proof of ownership.
    pub lease: Lease,
    /// Its queue.
    pub queue: QueueName,
    /// Its kind.
    pub kind: KindName,
    /// Its bytes.
    pub payload: Payload,
    /// Its priority.
    pub priority: Priority,
    /// Since when it could run.
    pub run_at: Timestamp,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// Which stage the attempt is charged to, and its number.
    pub progress: Progress,
    /// Attempts per stage.
    pub max_attempts: u16,
    /// Whose it is.
    pub tenant: Option<TenantName>,
    /// The key it is ordered by.
    pub ordering_key: Option<OrderingKey>,
    /// What it is about.
    pub subject: Option<(Subject, Revision)>,
    /// Correlation id, trace context and the like.
    pub headers: Headers,
    /// When it first failed, if it ever did.
    pub first_failure_at: Option<Timestamp>,
    /// Outputs of finished stages.
    pub stages: Vec<StageOutput>,
}

impl Claimed {
    /// The job's id.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.lease.job()
    }
}

/// The last failure of a job, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureRecord {
    /// Its class.
    pub class: ErrorClass,
    /// The error chain as text.
    pub message: String,
    /// When the job first failed.
    pub first_at: Timestamp,
    /// When it last failed.
    pub last_at: Timestamp,
}

/// A job as an operator sees it: live, finished or dead.
#[derive(Debug, Clone, PartialEq)]
pub struct JobView {
    /// Its id.
    pub id: JobId,
    /// Where it is.
    pub state: JobState,
    /// Its queue.
    pub queue: QueueName,
    /// Its kind.
    pub kind: KindName,
    /// Its priority.
    pub priority: Priority,
    /// Its bytes.
    pub payload: Payload,
    /// How often it was claimed, as a fence.
    pub fence: Fence,
    /// The stage it is in or stopped in, and attempts at it.
    pub progress: Progress,
    /// Attempts per stage.
    pub max_attempts: u16,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When it may run, or could have.
    pub run_at: Timestamp,
    /// Queued, but waiting for others of its ordering key.
    pub waits_for_turn: bool,
    /// Who holds it until when, if it runs.
    pub held: Option<(WorkerName, Timestamp)>,
    /// Running, and asked to stop.
    pub cancel_requested: bool,
    /// Whose it is.
    pub tenant: Option<TenantName>,
    /// The key it is ordered by.
    pub ordering_key: Option<OrderingKey>,
    /// What it is about.
    pub subject: Option<(Subject, Revision)>,
    /// Correlation id, trace context and the like.
    pub headers: Headers,
    /// How far it is, by its own account; only while it is live.
    pub report: Option<ProgressReport>,
    /// Its last failure.
    pub failure: Option<FailureRecord>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What it gave.
    pub result: Option<Payload>,
}
