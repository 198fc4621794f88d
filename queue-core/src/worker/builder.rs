//! What a worker is told before it starts.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use crate::worker::core::{Core, Due, Known, Settings, Source};
use crate::worker::crew::Crew;
use crate::worker::handler::{Handler, Raw, Typed};
use crate::worker::hands::Hands;
use crate::worker::pace::Pace;
use crate::worker::report::Tally;
use crate::worker::schedules;
use crate::{
    Cadence, ClaimRequest, Context, Done, IntoJob, InvalidSchedule, Job, JobError, Kind, MAX_BATCH,
    Payload, Queue, QueueName, Report, Schedule, ScheduleName, Worker, WorkerError, WorkerName,
};

/// How many handlers run at a time unless something else is said.
const CONCURRENCY: usize = 16;
/// How many jobs are claimed ahead at most, for handlers that are fast: they come by the thousand, which costs the
/// database little more than half as many, and wait for milliseconds.
const MOST_AHEAD: usize = 3000;
const SWEEP_EVERY: Duration = Duration::from_secs(5);
const SOFT_STOP: Duration = Duration::from_secs(30);
const HARD_STOP: Duration = Duration::from_secs(10);
const GRACE: Duration = Duration::from_secs(5);

/// What a worker is told before it starts; see [`Worker::builder`].
pub struct WorkerBuilder<S = ()> {
    queue: Queue,
    state: S,
    name: Option<WorkerName>,
    kinds: Vec<(Kind, Box<dyn Handler<S>>)>,
    queues: Option<Vec<QueueName>>,
    schedules: Vec<Schedule>,
    settings: Settings,
    /// The first thing that was wrong: reported when the worker is built.
    wrong: Option<WorkerError>,
}

impl<S: Send + Sync + 'static> WorkerBuilder<S> {
    pub(crate) fn new(queue: Queue, state: S) -> Self {
        Self {
            queue,
            state,
            name: None,
            kinds: Vec::new(),
            queues: None,
            schedules: Vec::new(),
            settings: Settings {
                concurrency: CONCURRENCY,
                most_ahead: MOST_AHEAD,
                sweep_every: Some(SWEEP_EVERY),
                escalations: Arc::default(),
                fires: true,
                soft_stop: SOFT_STOP,
                hard_stop: HARD_STOP,
                grace: GRACE,
            },
            wrong: None,
        }
    }

    /// Adds the handler for jobs of a type: an `async fn(J, Context<S>)` that returns `()` or
    /// [`Done`], or an error that becomes a [`JobError`].
    #[must_use]
    pub fn handle<J, F, R, D, E>(self, function: F) -> Self
    where
        J: Job,
        F: Fn(J, Context<S>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<D, E>> + Send + 'static,
        D: Into<Done> + 'static,
        E: Into<JobError> + 'static,
    {
        let job = PhantomData;
        self.checked(Kind::of::<J>(), |builder, kind| {
            builder.queue.hold_to_contracts_of::<J>();
            builder
                .kinds
                .push((kind, Box::new(Typed { function, job })));
        })
    }

    /// Adds a handler for jobs without a type: it gets the payload as it is.
    ///
    /// ```
    /// use queue_core::{Context, JobError, Kind, Payload, Queue, Worker, memory::MemoryStore};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let queue = Queue::new(MemoryStore::default());
    /// let resize = Kind::new("resize_image")?;
    /// let worker = Worker::builder(queue)
    ///     .handle_payload(resize, async |image: Payload, _: Context| {
    ///         println!("{} bytes of {}", image.bytes().len(), image.content_type());
    ///         Ok::<(), JobError>(())
    ///     })
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn handle_payload<F, R, D, E>(mut self, kind: Kind, function: F) -> Self
    where
        F: Fn(Payload, Context<S>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<D, E>> + Send + 'static,
        D: Into<Done> + 'static,
        E: Into<JobError> + 'static,
    {
        self.kinds.push((kind, Box::new(Raw(function))));
        self
    }

    /// How many handlers run at a time; 16 unless it is said.
    #[must_use]
    pub fn concurrency(mut self, handlers: usize) -> Self {
        self.settings.concurrency = handlers;
        self
    }

    /// How many jobs may be claimed beyond those that run, if handlers are so fast that they would
    /// wait for the database; 3000 unless it is said. How many are is measured: for handlers that
    /// take long it is none. Their payloads are 16 MiB at most, by the mean of those that ran last.
    #[must_use]
    pub fn most_ahead(mut self, jobs: usize) -> Self {
        self.settings.most_ahead = jobs.min(MAX_BATCH);
        self
    }

    /// Looks at these queues only, the first ones first; at those of the handlers' types unless it
    /// is said.
    #[must_use]
    pub fn queues<Q>(self, queues: impl IntoIterator<Item = Q>) -> Self
    where
        Q: TryInto<QueueName>,
        WorkerError: From<Q::Error>,
    {
        let queues: Result<Vec<_>, _> = queues.into_iter().map(TryInto::try_into).collect();
        self.checked(queues, |builder, queues| builder.queues = Some(queues))
    }

    /// How it is known to the store and to operators; host, process and a random number unless it
    /// is said.
    #[must_use]
    pub fn name(self, name: impl AsRef<str>) -> Self {
        self.checked(WorkerName::new(name), |builder, name| {
            builder.name = Some(name);
        })
    }

    /// How often it puts jobs back whose worker died; 5 s unless it is said. `None` leaves that to
    /// others.
    #[must_use]
    pub fn sweep_every(mut self, every: Option<Duration>) -> Self {
        self.settings.sweep_every = every;
        self
    }

    /// Escalates jobs that die by these rules, its own and those that it sweeps: what is to be told is
    /// stored in the transaction that buries the job, and sent by a [`Deliverer`](crate::Deliverer).
    #[must_use]
    pub fn escalate(mut self, rules: crate::Escalations) -> Self {
        self.settings.escalations = Arc::new(rules);
        self
    }

    /// Enqueues a job by the clock, read in a named time zone: once per tick, however many workers
    /// have the schedule. A job's [`unique_key`](Job::unique_key) is left out, since the tick is
    /// unique. For what becomes of missed ticks see [`Self::schedule`].
    ///
    /// ```
    /// use queue_core::{Context, Job, JobError, Queue, Worker, memory::MemoryStore};
    /// # use serde::{Deserialize, Serialize};
    /// # #[derive(Serialize, Deserialize)]
    /// # struct CloseTheDay;
    /// # impl Job for CloseTheDay { const KIND: &'static str = "close_the_day"; }
    /// # async fn close_the_day(_: CloseTheDay, _: Context) -> Result<(), JobError> { Ok(()) }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let queue = Queue::new(MemoryStore::default());
    /// let worker = Worker::builder(queue)
    ///     .handle(close_the_day)
    ///     .cron("nightly", "0 3 * * *", "Europe/Berlin", CloseTheDay)
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn cron(self, name: &str, expression: &str, zone: &str, job: impl IntoJob) -> Self {
        self.scheduled(name, Cadence::cron(expression, zone), job)
    }

    /// Enqueues a job at a fixed interval; otherwise as [`Self::cron`].
    #[must_use]
    pub fn every(self, name: &str, interval: Duration, job: impl IntoJob) -> Self {
        self.scheduled(name, Cadence::every(interval), job)
    }

    fn scheduled(
        self,
        name: &str,
        cadence: Result<Cadence, InvalidSchedule>,
        job: impl IntoJob,
    ) -> Self {
        let schedule = || {
            let mut job = job.into_job()?;
            job.idempotency = None;
            Ok::<_, WorkerError>(Schedule::new(ScheduleName::new(name)?, cadence?, job)?)
        };
        self.checked(schedule(), |builder, schedule| {
            builder.schedules.push(schedule);
        })
    }

    /// Stores a schedule when the worker starts: created, or changed if it is another now. Removing
    /// it here does not remove it from the store, see
    /// [`remove_schedule`](crate::ScheduleStore::remove_schedule).
    #[must_use]
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedules.push(schedule);
        self
    }

    /// Whether it fires schedules that are due, its own and those of others; it does unless it is
    /// said. One process that does is enough, all of them may.
    #[must_use]
    pub fn fires_schedules(mut self, fires: bool) -> Self {
        self.settings.fires = fires;
        self
    }

    /// How long handlers may go on after the shutdown began; 30 s unless it is said.
    #[must_use]
    pub fn soft_stop(mut self, timeout: Duration) -> Self {
        self.settings.soft_stop = timeout;
        self
    }

    /// How long they may go on after they were told to stop; 10 s unless it is said.
    #[must_use]
    pub fn hard_stop(mut self, timeout: Duration) -> Self {
        self.settings.hard_stop = timeout;
        self
    }

    /// How long a handler may go on after its own deadline; 5 s unless it is said.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.settings.grace = grace;
        self
    }

    fn checked<T, E>(mut self, value: Result<T, E>, set: impl FnOnce(&mut Self, T)) -> Self
    where
        WorkerError: From<E>,
    {
        match value {
            Ok(value) => set(&mut self, value),
            Err(error) => {
                self.wrong.get_or_insert(error.into());
            }
        }
        self
    }

    /// Checks what was said.
    pub fn build(mut self) -> Result<Worker<S>, WorkerError> {
        if let Some(wrong) = self.wrong.take() {
            return Err(wrong);
        }
        if self.settings.concurrency == 0 {
            return Err(WorkerError::Zero {
                what: "the concurrency",
            });
        }
        let sources = self.sources()?;
        let schedules = self.admitted_schedules()?;
        let mut kinds = HashMap::with_capacity(self.kinds.len());
        for (kind, handler) in self.kinds {
            let known = Known::new(kind, handler);
            if let Some(first) = kinds.insert(known.kind.name.clone(), known) {
                return Err(WorkerError::TwoHandlers(first.kind.name));
            }
        }
        let (sender, ended) = mpsc::unbounded_channel();
        let name = match self.name {
            Some(name) => name,
            None => default_name()?,
        };
        let core = Core {
            queue: self.queue,
            state: Arc::new(self.state),
            start: schedules::start_of(name.as_str())?,
            name,
            schedules,
            kinds,
            sources,
            settings: self.settings,
            hands: Hands::default(),
            pace: Pace::default(),
            tally: Tally::default(),
            due: Due::default(),
            ended: sender,
            crew: Arc::new(Crew::new()),
            stateless: Arc::new(()),
        };
        Ok(Worker {
            core: Arc::new(core),
            ended,
        })
    }

    /// Builds the worker and runs it, see [`Worker::run`].
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<Report, WorkerError> {
        self.build()?.run(shutdown).await
    }

    /// What a schedule enqueues passes the middleware once, when the worker is built.
    fn admitted_schedules(&self) -> Result<Vec<Schedule>, WorkerError> {
        let mut admitted: Vec<Schedule> = Vec::with_capacity(self.schedules.len());
        for schedule in &self.schedules {
            if admitted.iter().any(|other| other.name() == schedule.name()) {
                return Err(WorkerError::TwoSchedules(schedule.name().clone()));
            }
            let mut job = schedule.job().clone();
            self.queue.see(&mut job)?;
            admitted.push(schedule.with_job(job)?);
        }
        Ok(admitted)
    }

    /// Kinds with the same length of lease are claimed together.
    fn sources(&self) -> Result<Vec<Source>, WorkerError> {
        if self.kinds.is_empty() {
            return Err(WorkerError::NoHandlers);
        }
        let mut sources: Vec<Source> = Vec::new();
        for (kind, _) in &self.kinds {
            let of_lease = sources.iter().position(|source| source.lease == kind.lease);
            let mut source = match of_lease {
                Some(place) => sources.swap_remove(place),
                None => Source {
                    queues: self.queues.clone().unwrap_or_default(),
                    kinds: Vec::new(),
                    lease: kind.lease,
                },
            };
            source.kinds.push(kind.name.clone());
            if self.queues.is_none() && !source.queues.contains(&kind.queue) {
                source.queues.push(kind.queue.clone());
            }
            sources.push(source);
        }
        for source in &sources {
            if source.queues.is_empty() {
                return Err(WorkerError::NoQueues);
            }
            let probe = WorkerName::new("probe")?;
            ClaimRequest::new(probe, source.queues.clone(), 1)?
                .kinds(source.kinds.clone())?
                .lease_for(source.lease)?;
        }
        Ok(sources)
    }
}

impl WorkerName {
    /// A name that no other process has: host, process and a random number.
    ///
    /// ```
    /// use queue_core::WorkerName;
    /// assert_ne!(WorkerName::of_this_process().unwrap(), WorkerName::of_this_process().unwrap());
    /// ```
    pub fn of_this_process() -> Result<Self, crate::InvalidName> {
        default_name()
    }
}

/// Names what an operator looks for: the host, the process, and which worker of it.
pub(crate) fn default_name() -> Result<WorkerName, crate::InvalidName> {
    // A service from which its manager hides /proc/sys finds the second one only.
    let host = ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .into_iter()
        .find_map(|file| std::fs::read_to_string(file).ok())
        .unwrap_or_default();
    let host: String = host
        .trim()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
        .take(64)
        .collect();
    let host = if host.is_empty() { "host" } else { &host };
    let process = std::process::id();
    let number: u16 = rand::random();
    WorkerName::new(format!("{host}.{process}.{number:04x}"))
}

impl<S> fmt::Debug for WorkerBuilder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = self.kinds.iter().map(|(kind, _)| kind.name.as_str());
        f.debug_struct("WorkerBuilder")
            .field("kinds", &kinds.collect::<Vec<_>>())
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;

    fn builder() -> WorkerBuilder {
        let endless = Kind::new("k").unwrap().timeout(Duration::MAX);
        Worker::builder(Queue::new(MemoryStore::default()))
            .handle_payload(endless, |_: Payload, _: Context| async {
                Ok::<_, JobError>(())
            })
    }

    fn job() -> crate::NewJob {
        let payload = Payload::json(&1).unwrap();
        let queue = QueueName::new(crate::DEFAULT_QUEUE).unwrap();
        crate::NewJob::new(queue, crate::KindName::new("k").unwrap(), payload)
    }

    #[test]
    fn what_cannot_work_is_refused_before_it_runs() {
        let refused = |builder: WorkerBuilder| builder.build().unwrap_err().to_string();
        let queue = Queue::new(MemoryStore::default());
        assert!(refused(Worker::builder(queue)).contains("add one with .handle(…)"));
        assert_eq!(
            refused(builder().concurrency(0)),
            "the concurrency must be at least 1"
        );
        let twice = builder().every("s", Duration::from_secs(1), job()).every(
            "s",
            Duration::from_secs(2),
            job(),
        );
        assert!(refused(twice).contains("two schedules with the name `s`"));
        let nowhere: [&str; 0] = [];
        assert!(refused(builder().queues(nowhere)).contains("no queues to look at"));
        let kind = Kind::new("k").unwrap();
        let again = |_: Payload, _: Context| async { Ok::<_, JobError>(()) };
        let twice = builder().handle_payload(kind, again);
        assert!(refused(twice).contains("two handlers for jobs of the kind `k`"));
        assert!(refused(builder().name("a worker")).contains("not a valid worker name"));
        assert!(
            refused(builder().cron("s", "every day", "UTC", job())).contains("cron expression")
        );
        let short = builder().handle_payload(Kind::new("j").unwrap().lease(Duration::ZERO), again);
        assert!(refused(short).contains("choose from 100ms to 24h"));
    }

    #[tokio::test]
    async fn no_timeout_is_too_long() {
        let worker = builder().build().unwrap();
        worker.queue().enqueue(job()).await.unwrap();
        assert_eq!(worker.drain().await.unwrap().succeeded, 1);
    }
}
