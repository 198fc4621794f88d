//! Every loop one time: for cron, and for tests and simulations that move the clock by hand.

use std::fmt;
use std::sync::Arc;

use queue_core::{InvalidName, Store, StoreError};
use queue_ops::{Backend, Exit, shown_error};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::drive::pass_once;
use crate::leadership::Leadership;
use crate::loops::{LoopName, Pass, Passed};
use crate::scene::Scene;
use crate::settings::Settings;

/// All loops on a store, driven by the caller. What they remember is kept from one round to the next.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use queue_core::memory::MemoryStore;
/// use queue_core::{Clock, JobStore, ManualClock};
/// # use queue_core::{ClaimRequest, EnqueueBatch, KindName, NewJob, Payload, QueueName, WorkerName};
/// use sweeper::{LoopName, Settings, Sweeper};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = ManualClock::default();
/// let store = Arc::new(MemoryStore::with_clock(Clock::Manual(clock.clone())));
/// # let queue = QueueName::new("mail")?;
/// # let job = NewJob::new(queue.clone(), KindName::new("k")?, Payload::json(&42)?);
/// # store.enqueue(EnqueueBatch::one(job)).await?;
/// # let request = ClaimRequest::new(WorkerName::new("w")?, vec![queue], 10)?;
/// drop(store.claim(request).await?); // as a crash would
/// clock.advance(Duration::from_secs(30));
///
/// let mut sweeper = Sweeper::new(store, Settings::default())?;
/// let round = sweeper.round().await;
/// assert_eq!(round.of(LoopName::Leases).unwrap().rows, 1);
/// # Ok(())
/// # }
/// ```
pub struct Sweeper {
    scene: Scene,
    /// So that the settings stay readable.
    _settings: watch::Sender<Arc<Settings>>,
    loops: Vec<(LoopName, Box<dyn Pass>)>,
}

/// What became of a round.
#[derive(Debug)]
pub struct Round {
    loops: Vec<(LoopName, Result<Passed, StoreError>)>,
    /// What is wrong with the audit chain.
    broken: Option<String>,
}

impl Sweeper {
    /// The loops that are on.
    pub fn new(store: Arc<dyn Store>, settings: Settings) -> Result<Self, InvalidName> {
        Self::with(store, settings, None, CancellationToken::new())
    }

    pub(crate) fn with(
        store: Arc<dyn Store>,
        settings: Settings,
        backend: Option<Backend>,
        stop: CancellationToken,
    ) -> Result<Self, InvalidName> {
        let leadership = Leadership::of(settings.sweeper.name.as_ref())?;
        let on = |name: &LoopName| name.every(&settings).is_some();
        let loops = LoopName::ALL.into_iter().filter(on);
        let loops = loops.map(|name| (name, name.begin())).collect();
        let (sender, receiver) = watch::channel(Arc::new(settings));
        let scene = Scene {
            store,
            state: Arc::default(),
            leadership: Arc::new(leadership),
            settings: receiver,
            backend,
            stop,
            once: true,
            of: LoopName::Pulse,
        };
        Ok(Self {
            scene,
            _settings: sender,
            loops,
        })
    }

    /// Every loop that is on, one after the other. A loop that fails keeps none of the others from their turn.
    pub async fn round(&mut self) -> Round {
        let mut loops = Vec::new();
        for (name, pass) in &mut self.loops {
            if self.scene.is_stopping() {
                break;
            }
            self.scene.of = *name;
            loops.push((*name, pass_once(&mut **pass, &self.scene).await));
        }
        self.scene.leadership.resign(&*self.scene.store).await;
        Round {
            loops,
            broken: self.scene.state.audit().fault.map(|it| it.to_string()),
        }
    }

    /// One loop, whether it is on or not.
    pub async fn pass(&mut self, name: LoopName) -> Result<Passed, StoreError> {
        self.scene.of = name;
        let known = self.loops.iter_mut().find(|(other, _)| *other == name);
        match known {
            Some((_, pass)) => pass_once(&mut **pass, &self.scene).await,
            None => pass_once(&mut *name.begin(), &self.scene).await,
        }
    }
}

impl fmt::Debug for Sweeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweeper")
            .field("scene", &self.scene)
            .finish_non_exhaustive()
    }
}

impl Round {
    /// What a loop did; nothing where it is off.
    pub fn of(&self, name: LoopName) -> Result<Passed, &StoreError> {
        match self.loops.iter().find(|(other, _)| *other == name) {
            Some((_, Ok(passed))) => Ok(*passed),
            Some((_, Err(error))) => Err(error),
            None => Ok(Passed::default()),
        }
    }

    /// What a process ends with that has done nothing else.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let errors = || {
            self.loops
                .iter()
                .filter_map(|(_, result)| result.as_ref().err())
        };
        match errors().next() {
            Some(error) if errors().count() == self.loops.len() => Exit::of(error),
            Some(error @ StoreError::SchemaMismatch { .. }) => Exit::of(error),
            Some(_) => Exit::Partly,
            None if self.broken.is_some() => Exit::Findings,
            None => Exit::Done,
        }
    }
}

/// A line for each loop.
impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, result) in &self.loops {
            match (result, &self.broken) {
                (Ok(_), Some(fault)) if *name == LoopName::Audit => {
                    writeln!(f, "{name}\tbroken\t{fault}")?;
                }
                (Ok(passed), _) => writeln!(f, "{name}\tdone\t{}", passed.rows)?,
                (Err(error), _) => writeln!(f, "{name}\tfailed\t{}", shown_error(error))?,
            }
        }
        Ok(())
    }
}
