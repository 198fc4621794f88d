//! Leasehold's domain: jobs, leases, decisions, the outbox, and the ports a store implements.
//!
//! *Core decides, stores compare-and-set, daemons only drive.* Whatever needs an `if` is here, pure
//! and without SQL; whatever needs atomicity is one fenced statement in a backend.
//!
//! What a service touches: [`Job`], [`Queue`], [`Worker`] with [`Context`], [`Done`] and [`JobError`], and
//! [`testing`]. What they stand on:
//!
//! - What comes in: [`NewJob`], [`EnqueueBatch`], the rules of [`admission`].
//! - What a worker holds: [`Claimed`], [`Lease`] and its [`Fence`]; what it says meanwhile: [`ProgressReport`].
//! - What follows from an attempt: [`Outcome`] → [`decide`] → [`Transition`] → [`SettleBatch`].
//! - What is sent afterwards: [`NewNotification`], [`Intent`] → [`Deliverer`] with its [`channel`]s → [`Delivery`].
//! - Who is told when something stops: [`Escalations`] → [`Incident`] → [`Alert`].
//! - What comes by the clock: [`Schedule`], [`Cadence`] → [`plan`] → [`Firing`].
//! - What operators do: [`LetterFilter`] → [`DeadLetter`] → [`Evidence`] → [`ReplayPlan`] → [`ReplayRun`];
//!   [`AuditRecord`].
//! - What each of them answers or refuses with: a [`Code`] of the [`catalogue`].
//! - What a backend implements: [`JobStore`], [`OutboxStore`], [`OperatorStore`],
//!   [`ReplayStore`], [`ScheduleStore`], [`LeaderStore`].

pub mod admission;
mod audit;
mod backoff;
mod batch;
pub mod catalogue;
pub mod channel;
mod claim;
pub mod codes;
pub mod contract;
mod dead_letter;
mod decision;
mod deliverer;
mod delivery;
mod enqueue;
mod error;
mod escalation;
mod failure;
mod headers;
mod id;
mod job;
mod job_filter;
mod leader;
mod lease;
mod limits;
pub mod memory;
mod middleware;
pub mod migration;
mod name;
mod notification;
mod payload;
mod policy;
mod priority;
mod queue;
mod renew;
mod replay;
mod report;
mod retention;
mod schedule;
mod settle;
mod stage;
mod state;
pub mod statement;
mod store;
mod suppression;
mod sweep;
mod telemetry;
#[cfg(feature = "template")]
mod template;
pub mod testing;
mod time;
mod triage;
mod trouble;
mod verdict;
mod wakeup;
mod worker;

pub use admission::Enqueued;
pub use audit::{
    AUDIT_WALK, Act, AuditEntry, AuditFault, AuditFilter, AuditFlaw, AuditLead, AuditList,
    AuditPage, AuditRecord, AuditReport, AuditVerifier, AuditWatch, Checkpoint, CheckpointKeys,
    CheckpointSigner, ExportError, ExportFormat, ExportHeader, ExportItem, ExportReader, GENESIS,
    MAX_ACT_DETAIL, Seal, Sealed, ServiceAct, Watched,
};
pub use backoff::Backoff;
pub use batch::{InvalidBatch, MAX_BATCH, MAX_ENQUEUE, MAX_ENQUEUE_BYTES, MAX_PAGE, Page};
pub use catalogue::Code;
pub use claim::{ClaimRequest, DEFAULT_LEASE, MAX_CLAIM_QUEUES};
pub use dead_letter::{
    Amended, Closure, DeadLetter, Evidence, EvidenceRecord, LETTER_TRANSITIONS, LetterChange,
    LetterState, ReplayBatch, Replayed,
};
pub use decision::{Burial, Completion, Outcome, Requeue, Transition, decide, overruled_by_cancel};
pub use deliverer::{
    BreakerPolicy, ChannelHealth, ChannelPolicy, Deliverer, DelivererBuilder, DelivererError,
    DelivererWatch, DeliveryReport, DoubtPolicy, IncidentSweep, resolve_incidents,
};
pub use delivery::{
    Delivery, DeliveryBatch, DeliveryLease, DeliveryPhase, DeliveryRequest, LookRequest, Marked,
    Marking, PhaseBatch, PhaseNoted,
};
pub use enqueue::EnqueueBatch;
pub use error::{Cause, StoreError};
pub use escalation::{
    ALERT, Alert, AlertAction, Escalations, Event, Incident, InvalidRule, MAX_THRESHOLD, Observed,
    Raise, Rule, Severity, Signal, UnreadableIncident,
};
pub use failure::{Failure, MAX_ERROR_TEXT, Retryability};
pub use headers::{
    CORRELATION_ID, Headers, InvalidHeader, MAX_HEADER_BYTES, TRACE_PARENT, TRACE_STATE,
};
pub use id::{Fence, JobId, NotificationId, Revision, RunId, StoreId};
pub use job::{
    Claimed, DEFAULT_KEY_RETENTION, DEFAULT_MAX_ATTEMPTS, FailureRecord, Idempotency, JobView,
    NewJob, RunAt, SubjectRevision,
};
pub use job_filter::{Hastened, JOB_WALK, JobFilter, JobPage};
pub use leader::Led;
pub use lease::Lease;
pub use limits::{Bucket, OrderingMode, QueueChange, QueueSettings, RateLimit, turns};
pub use middleware::{Middleware, Next, Refusal, SlowJobs, TraceContext};
pub use name::{
    Actor, ChannelName, ErrorClass, ErrorExcerpt, EvidenceNote, EvidenceReference, IdempotencyKey,
    InvalidName, KindName, OrderingKey, PlanDigest, ProviderId, Purpose, QueueName, RUN_STAGE,
    ReasonCode, Recipient, RoleName, ScheduleName, StageName, Subject, TenantName, WorkerName,
};
pub use notification::{
    DeliveryEvent, Intent, NOTIFICATION_TRANSITIONS, NewNotification, Notification,
    NotificationState, PublishBatch, Published, UnreadableNotification, digest,
};
pub use payload::{DEFAULT_PAYLOAD_LIMIT, InvalidPayload, JSON, Payload};
pub use policy::{Jitter, RetryPolicy};
pub use priority::{InvalidPriority, Priority};
pub use queue::{DEFAULT_QUEUE, Enqueue, EnqueueError, IntoJob, InvalidJob, Job, Queue};
pub use renew::{Checkpointed, RenewBatch, Renewed};
pub use replay::{
    BeginStep, Begun, Canary, Due, FailureShare, InvalidPace, InvalidShare, ItemOutcome, MAX_PLAN,
    NewRun, Pace, PayloadCheck, PlanError, PlannedLetter, ReplayFacts, ReplayItem, ReplayPlan,
    ReplayRun, Risk, RunApplied, RunBatch, RunCounts, RunEnd, RunJudgement, RunLease, RunState,
};
pub use report::{InvalidReport, MAX_NOTE_BYTES, ProgressReport};
pub use retention::{
    InvalidRetention, Kept, Maintained, Origin, Portion, Retention, RetentionRule, RetentionSort,
    Share, ShareOf, Upkeep,
};
pub use schedule::{
    Cadence, Cron, DEFAULT_GRACE, Fired, FiredDue, Firing, Interval, InvalidSchedule, MAX_TICKS,
    MissedTicks, SCHEDULED_FOR, Schedule, ScheduleView, fire_due, plan,
};
pub use settle::{Applied, ExpiredLease, Ground, SettleBatch, Settled, Settlement};
pub use stage::{Progress, StageLedger, StageOutput};
pub use state::{IllegalTransition, JobState, TRANSITIONS};
pub use store::{
    Cancelled, Count, JobStore, LeaderStore, OperatorStore, OutboxStats, OutboxStore, QueueStats,
    ReplayStore, RetentionStore, STATS_COUNT_CAP, ScheduleStore, Stats, Store,
};
pub use suppression::{ChannelState, NewSuppression, SuppressFor, Suppression};
pub use sweep::{DoubtSweep, Doubted, SetAside, Swept, sweep, sweep_and_escalate};
#[cfg(feature = "template")]
pub use template::{MAX_RENDERED, Template, TemplateError};
pub use time::{Clock, ManualClock, Timestamp};
pub use triage::{
    GroupBy, InvalidCursor, JobSet, LETTER_COUNT_CAP, LETTER_SCAN, LetterCursor, LetterFilter,
    LetterGroup, LetterGroups, LetterLead, LetterList, LetterPage, LetterSummary, Seen,
};
pub use verdict::{NotificationChange, NotificationVerb, VerbBatch};
pub use wakeup::{WakeupListener, Wakeups};
pub use worker::{
    Cancellation, Context, Done, JobError, Kind, Report, Worker, WorkerBuilder, WorkerError,
    shutdown_signal,
};

/// Bytes as lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
