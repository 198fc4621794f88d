//! What is counted and timed, by the names that dashboards and alerts use. No ids in labels.

use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};

use crate::{Code, Enqueued, JobState, KindName, NewJob, QueueName};

/// The bounds of buckets, in seconds, that dashboards want of the durations that are counted here: for the recorder of a
/// service, which most recorders have to be told. From milliseconds to hours: what jobs are.
///
/// ```
/// # use queue_core::DURATION_BUCKETS;
/// // PrometheusBuilder::new().set_buckets(DURATION_BUCKETS)?
/// assert!(DURATION_BUCKETS.is_sorted() && DURATION_BUCKETS.contains(&1.0));
/// ```
pub const DURATION_BUCKETS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0,
];

/// Jobs of a batch that share queue and kind, one after the other.
pub(crate) struct Run {
    queue: QueueName,
    kind: KindName,
    jobs: usize,
}

/// The runs of a batch, before the store takes its jobs.
pub(crate) fn kinds_of(jobs: &[NewJob]) -> Vec<Run> {
    let runs = jobs.chunk_by(|a, b| a.queue == b.queue && a.kind == b.kind);
    runs.filter_map(|run| {
        run.first().map(|job| Run {
            queue: job.queue.clone(),
            kind: job.kind.clone(),
            jobs: run.len(),
        })
    })
    .collect()
}

/// Counts the jobs that were created.
pub(crate) fn enqueued(runs: &[Run], answers: &[Enqueued]) {
    let mut answers = answers.iter();
    for run in runs {
        let of_run = answers.by_ref().take(run.jobs);
        let created = of_run.filter(|answer| answer.created().is_some()).count();
        counter!(
            "leasehold_jobs_enqueued_total",
            "queue" => run.queue.to_string(), "kind" => run.kind.to_string()
        )
        .increment(created as u64);
    }
}

/// Counts writes that were refused since their lease was not the current one.
pub(crate) fn fence_rejected(operation: &'static str, writes: usize) {
    counter!("leasehold_fence_rejected_total", "operation" => operation).increment(writes as u64);
}

/// Counts leases that a sweep found expired.
pub(crate) fn leases_expired(leases: usize) {
    counter!("leasehold_leases_expired_total").increment(leases as u64);
}

/// What is counted of one kind, looked up once.
pub(crate) struct KindMeters {
    pub(crate) claimed: Counter,
    pub(crate) duration: Histogram,
    pub(crate) pickup: Histogram,
    settled: [Counter; Ending::ALL.len()],
}

impl KindMeters {
    pub(crate) fn new(queue: &QueueName, kind: &KindName) -> Self {
        let (queue, kind) = (queue.to_string(), kind.to_string());
        let label = || [("queue", queue.clone()), ("kind", kind.clone())];
        Self {
            claimed: counter!("leasehold_jobs_claimed_total", &label()),
            duration: histogram!("leasehold_job_duration_seconds", &label()),
            pickup: histogram!("leasehold_pickup_delay_seconds", &label()),
            settled: Ending::ALL.map(|ending| {
                counter!(
                    "leasehold_jobs_settled_total",
                    "queue" => queue.clone(), "kind" => kind.clone(), "outcome" => ending.name()
                )
            }),
        }
    }

    pub(crate) fn settled(&self, ending: Ending) {
        if let Some(counter) = self.settled.get(ending as usize) {
            counter.increment(1);
        }
    }

    pub(crate) fn picked_up(&self, delay: Duration) {
        self.pickup.record(delay.as_secs_f64());
    }
}

/// How an attempt ended, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Succeeded,
    AwaitingDelivery,
    Retried,
    /// Without having failed: snoozed or given back.
    PutBack,
    Dead,
    Cancelled,
    LeaseLost,
}

impl Ending {
    pub(crate) const ALL: [Self; 7] = [
        Self::Succeeded,
        Self::AwaitingDelivery,
        Self::Retried,
        Self::PutBack,
        Self::Dead,
        Self::Cancelled,
        Self::LeaseLost,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Succeeded => Code::Succeeded.as_str(),
            Self::AwaitingDelivery => Code::AwaitingDelivery.as_str(),
            Self::Retried => Code::Retried.as_str(),
            Self::PutBack => Code::PutBack.as_str(),
            Self::Dead => Code::Dead.as_str(),
            Self::Cancelled => Code::Cancelled.as_str(),
            Self::LeaseLost => Code::LeaseLost.as_str(),
        }
    }

    /// By the state that a settlement led to, and whether it was a failure that led there.
    pub(crate) fn of(state: JobState, failed: bool) -> Self {
        match state {
            JobState::Succeeded => Self::Succeeded,
            JobState::AwaitingDelivery => Self::AwaitingDelivery,
            JobState::Dead => Self::Dead,
            JobState::Cancelled => Self::Cancelled,
            JobState::Queued | JobState::Running if failed => Self::Retried,
            JobState::Queued | JobState::Running => Self::PutBack,
        }
    }
}
