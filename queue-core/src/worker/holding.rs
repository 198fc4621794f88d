//! One job in this worker's hands: its lease, and how far it has come.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::{
    Cancellation, Claimed, Escalations, JobState, Lease, Payload, Progress, ProgressReport,
    StageName, StageOutput, Timestamp,
};

/// How often a job's report is stored at most.
const REPORT_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Holding {
    pub(crate) job: Claimed,
    /// When it came into these hands.
    taken: Instant,
    /// For how long a lease is asked for.
    length: Duration,
    /// What is raised if the job dies.
    pub(crate) escalations: Arc<Escalations>,
    token: CancellationToken,
    /// Whether it is on its way to the settlement.
    ended: AtomicBool,
    live: Mutex<Live>,
}

#[derive(Debug)]
struct Live {
    lease: Lease,
    /// When the lease was last asked for, by this process's clock: by the database's it was given
    /// later, so that it ends later too.
    asked: Instant,
    progress: Progress,
    /// The stage that is running.
    stage: Option<StageName>,
    /// What stages of this attempt gave.
    outputs: Vec<StageOutput>,
    why: Option<Cancellation>,
    /// How the handler has ended the job in a transaction of its own, if it has and committed.
    completed: Option<JobState>,
    /// What is to be stored with the next renewal.
    report: Option<ProgressReport>,
    /// When the last one was.
    reported: Option<Instant>,
}

impl Holding {
    pub(crate) fn new(
        job: Claimed,
        asked: Instant,
        length: Duration,
        escalations: Arc<Escalations>,
    ) -> Self {
        let live = Live {
            lease: job.lease,
            asked,
            progress: job.progress.clone(),
            stage: None,
            outputs: Vec::new(),
            why: None,
            completed: None,
            report: None,
            reported: None,
        };
        Self {
            job,
            taken: asked,
            length,
            escalations,
            token: CancellationToken::new(),
            ended: AtomicBool::new(false),
            live: Mutex::new(live),
        }
    }

    /// Nothing under this lock can panic in the middle of a change.
    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lease(&self) -> Lease {
        self.live().lease
    }

    pub(crate) fn length(&self) -> Duration {
        self.length
    }

    pub(crate) fn renewed(&self, asked: Instant, expires_at: Timestamp) {
        let mut live = self.live();
        let lease = &live.lease;
        live.lease = Lease::granted(lease.store(), lease.job(), lease.fence(), expires_at);
        live.asked = asked;
    }

    /// How long it has been in these hands.
    pub(crate) fn waited(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.taken)
    }

    /// How long ago the lease was asked for.
    pub(crate) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.live().asked)
    }

    /// Whether the lease cannot have ended yet, as far as this process can tell.
    pub(crate) fn is_current(&self, now: Instant) -> bool {
        self.age(now) < self.length
    }

    /// Says whether it is the first to say so.
    pub(crate) fn end(&self) -> bool {
        !self.ended.swap(true, Ordering::AcqRel)
    }

    pub(crate) fn complete(&self, state: JobState) {
        self.live().completed = Some(state);
    }

    pub(crate) fn completed(&self) -> Option<JobState> {
        self.live().completed
    }

    pub(crate) fn report(&self, report: ProgressReport) {
        self.live().report = Some(report);
    }

    /// What is to be stored of the progress, unless something was a moment ago.
    pub(crate) fn take_report(&self, now: Instant) -> Option<ProgressReport> {
        let mut live = self.live();
        let lately = |then| now.saturating_duration_since(then) < REPORT_EVERY;
        if live.reported.is_some_and(lately) {
            return None;
        }
        let report = live.report.take()?;
        live.reported = Some(now);
        Some(report)
    }

    /// Keeps what could not be stored, unless there is news.
    pub(crate) fn keep_report(&self, report: ProgressReport) {
        self.live().report.get_or_insert(report);
    }

    pub(crate) fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// Tells the handler to stop. The first reason stands, but for a lost lease: then nothing else
    /// matters any more.
    pub(crate) fn cancel(&self, why: Cancellation) {
        {
            let mut live = self.live();
            if live.why.is_none() || why == Cancellation::LeaseLost {
                live.why = Some(why);
            }
        }
        self.token.cancel();
    }

    pub(crate) fn why(&self) -> Option<Cancellation> {
        self.live().why
    }

    pub(crate) fn progress(&self) -> Progress {
        self.live().progress.clone()
    }

    pub(crate) fn stage(&self) -> Option<StageName> {
        self.live().stage.clone()
    }

    /// What a stage gave, in this attempt or one before.
    pub(crate) fn output(&self, stage: &StageName) -> Option<Payload> {
        let live = self.live();
        self.job
            .stages
            .iter()
            .chain(&live.outputs)
            .find(|stored| stored.stage == *stage)
            .map(|stored| stored.output.clone())
    }

    pub(crate) fn enter(&self, stage: &StageName) {
        self.live().stage = Some(stage.clone());
    }

    pub(crate) fn finished(&self, stage: StageOutput) {
        let mut live = self.live();
        live.progress = live.progress.after_checkpoint(&stage.stage);
        live.stage = None;
        live.outputs.push(stage);
    }
}
