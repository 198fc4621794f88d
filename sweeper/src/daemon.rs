//! A daemon's life: opened, driven, reloaded, stopped.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use queue_core::{Backoff, DelivererBuilder, DelivererError, Jitter, Store, StoreError};
use queue_ops::telemetry::Levels;
use queue_ops::{Database, Exit, Opened};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::configuration::{Loaded, Source, Unusable};
use crate::drive::drive;
use crate::health::Health;
use crate::http::Server;
use crate::leadership::Leadership;
use crate::loops::LoopName;
use crate::metrics::Meters;
use crate::notify;
use crate::once::Sweeper;
use crate::scene::Scene;
use crate::settings::Settings;
use crate::signals::{Asked, Requests};
use crate::state::{Phase, State};

/// Makes a deliverer on the store, once that is open.
pub type Delivery =
    Box<dyn FnOnce(Arc<dyn Store>) -> Result<DelivererBuilder, DelivererError> + Send>;

/// How long the end of the store may take.
const CLOSE: Duration = Duration::from_secs(2);
/// The first pause after the database could not be opened, and the longest.
const OPEN_AGAIN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// The daemon, before it runs.
pub struct Daemon {
    source: Source,
    loaded: Loaded,
    levels: Option<Levels>,
    meters: Meters,
    delivery: Option<Delivery>,
}

impl Daemon {
    /// By a configuration that was read from `source`.
    #[must_use]
    pub(crate) fn new(source: Source, loaded: Loaded, levels: Option<Levels>) -> Self {
        Self {
            source,
            loaded,
            levels,
            meters: Meters::install(),
            delivery: None,
        }
    }

    /// Delivers notifications, too, by the channels of this deliverer.
    #[must_use]
    pub fn deliver(mut self, delivery: Delivery) -> Self {
        self.delivery = Some(delivery);
        self
    }

    /// Runs every loop one time.
    pub(crate) async fn once(self) -> Result<(String, Exit), Unusable> {
        let opened = self.loaded.database.open().await;
        let opened = opened.map_err(|error| explained(error, &self.loaded.database));
        let Opened { store, backend } = opened?;
        let database = self.loaded.database.clone();
        let sweeper = Sweeper::with(Arc::clone(&store), self.loaded.settings(), Some(database));
        let mut sweeper = sweeper.map_err(internal)?;
        let round = sweeper.round().await;
        let (mut said, mut exit) = (round.to_string(), round.exit());
        if let Some(delivery) = self.delivery {
            match drain(delivery, Arc::clone(&store)).await {
                Ok(sent) => said.push_str(&format!("delivery\tdone\t{sent}\n")),
                Err(error) => {
                    said.push_str(&format!("delivery\tfailed\t{error}\n"));
                    exit = Exit::Partly;
                }
            }
        }
        drop((sweeper, store));
        backend.close().await;
        Ok((said, exit))
    }

    /// Runs until it is told to stop.
    pub(crate) async fn run(self) -> Result<Exit, Unusable> {
        let Self {
            source,
            loaded,
            levels,
            meters,
            delivery,
        } = self;
        let requests = Requests::listen().map_err(internal)?;
        let (sender, settings) = watch::channel(Arc::new(loaded.settings()));
        let leadership = Leadership::of(loaded.config.sweeper.name.as_ref()).map_err(internal)?;
        let leadership = Arc::new(leadership);
        let state = Arc::new(State::default());
        let health = Health {
            state: Arc::clone(&state),
            leadership: Arc::clone(&leadership),
            settings: settings.clone(),
            database: (loaded.database.shown().to_owned(), loaded.database.kind()),
            delivers: delivery.is_some(),
        };
        // Before the database: it is when that does not answer that somebody looks.
        let server = Server::bind(&loaded.config.http.listen, health.clone(), meters).await?;
        let mut background = JoinSet::new();
        if let Some(server) = server {
            background.spawn(server.serve());
        }
        background.spawn(notify::watchdog(Arc::clone(&state), settings.clone()));
        let mut running = Running {
            source,
            loaded,
            levels,
            sender,
            state,
            health,
            requests,
        };
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"), name = %leadership.own(),
            database = running.loaded.database.shown(), "started"
        );
        let Some(opened) = running.open().await? else {
            notify::stopping();
            return Ok(Exit::Done);
        };
        let scene = Scene {
            store: Arc::clone(&opened.store),
            state: Arc::clone(&running.state),
            leadership,
            settings,
            database: Some(running.loaded.database.clone()),
            stop: CancellationToken::new(),
            once: false,
            of: LoopName::Pulse,
        };
        let exit = running.drive(&scene, delivery).await;
        scene.leadership.resign(&*scene.store).await;
        background.shutdown().await;
        drop(scene);
        drop(opened.store);
        // What hangs is left behind.
        drop(tokio::time::timeout(CLOSE, opened.backend.close()).await);
        tracing::info!("stopped");
        Ok(exit)
    }
}

/// What is held while the daemon runs.
struct Running {
    source: Source,
    loaded: Loaded,
    levels: Option<Levels>,
    sender: watch::Sender<Arc<Settings>>,
    state: Arc<State>,
    health: Health,
    requests: Requests,
}

/// Why a part of the daemon ended that should not have.
type Ended = Result<(), String>;

impl Running {
    /// Opens the database, however long it takes; none if the process is to stop before.
    async fn open(&mut self) -> Result<Option<Opened>, Unusable> {
        let mut backoff = Backoff::new(OPEN_AGAIN.0, OPEN_AGAIN.1);
        loop {
            let begun = Instant::now();
            let database = self.loaded.database.clone();
            let error = tokio::select! {
                opened = database.open() => match opened {
                    Ok(opened) => {
                        self.state.opened();
                        return Ok(Some(opened));
                    }
                    Err(error) => error,
                },
                () = self.until_asked_to_stop(false) => return Ok(None),
            };
            if is_hopeless(&error) {
                return Err(explained(error, &self.loaded.database));
            }
            self.state.not_opened(begun, &error);
            notify::still_starting("waiting for the database");
            tokio::select! {
                () = tokio::time::sleep(backoff.next(Jitter::random())) => {}
                () = self.until_asked_to_stop(false) => return Ok(None),
            }
        }
    }

    /// Drives the loops until the process is to stop, and then until they have.
    async fn drive(&mut self, scene: &Scene, delivery: Option<Delivery>) -> Exit {
        let mut loops: JoinSet<Ended> = JoinSet::new();
        for name in LoopName::ALL {
            let scene = Scene {
                of: name,
                ..scene.clone()
            };
            loops.spawn(async move {
                drive(scene).await;
                Ok(())
            });
        }
        if let Some(delivery) = delivery {
            let (store, stop) = (Arc::clone(&scene.store), scene.stop.clone());
            loops.spawn(deliver(delivery, store, stop));
        }
        let state = Arc::clone(&self.state);
        let first_passes = async move {
            notify::first_passes(&state).await;
            state.enter(Phase::Running);
            notify::ready("all loops run");
            tracing::info!("every loop has had its first pass");
            std::future::pending::<()>().await;
        };
        let failed = tokio::select! {
            () = first_passes => None,
            () = self.until_asked_to_stop(true) => None,
            ended = loops.join_next() => said(ended),
        };
        self.state.enter(Phase::Stopping);
        notify::stopping();
        scene.stop.cancel();
        let within = self.loaded.config.sweeper.stop_timeout.get();
        let ends = async { while loops.join_next().await.is_some() {} };
        let in_time = tokio::select! {
            ended = tokio::time::timeout(within, ends) => ended.is_ok(),
            exit = self.requests.stop_at_once() => return exit,
        };
        if let Some(problem) = failed {
            tracing::error!(problem, "a part of the daemon ended: so does the daemon");
            return Exit::Internal;
        }
        if !in_time {
            let seconds = within.as_secs();
            tracing::error!(seconds, "loops did not stop in time and are dropped");
            return Exit::Terminated;
        }
        Exit::Done
    }

    /// Answers to signals until one of them asks to stop.
    async fn until_asked_to_stop(&mut self, opened: bool) {
        loop {
            match self.requests.next().await {
                Asked::Stop(signal) => {
                    tracing::info!(%signal, "stopping");
                    return;
                }
                Asked::Reload => self.reload(opened),
                Asked::State => {
                    let document = self.health.document().to_json();
                    tracing::info!(state = %document, "as asked for");
                }
            }
        }
    }

    /// Reads the configuration again. What is wrong changes nothing.
    fn reload(&mut self, opened: bool) {
        notify::reloading();
        let status = match self.source.load() {
            Err(Unusable { problem, .. }) => {
                tracing::error!(problem, "the configuration is not valid: the old one holds");
                "the new configuration is not valid: the old one holds"
            }
            Ok(loaded) => {
                for key in self.loaded.fixed_changes(&loaded) {
                    tracing::warn!(key, "this changes only when the process is started anew");
                }
                if let Some(levels) = &self.levels {
                    levels.set(&loaded.config.log.level);
                }
                self.sender.send_replace(Arc::new(loaded.settings()));
                // What cannot change is remembered as it holds.
                self.loaded.config.sweeper = loaded.config.sweeper;
                tracing::info!("the configuration was read again");
                "all loops run"
            }
        };
        if opened && self.state.phase() == Phase::Running {
            notify::ready(status);
        } else {
            notify::status(status);
        }
    }
}

/// Delivers until it is told to stop.
async fn deliver(delivery: Delivery, store: Arc<dyn Store>, stop: CancellationToken) -> Ended {
    let told = stop.clone();
    let shutdown: Pin<Box<dyn Future<Output = ()> + Send>> =
        Box::pin(async move { told.cancelled().await });
    let builder = delivery(store).map_err(|error| error.to_string())?;
    match builder.run(shutdown).await {
        Ok(report) => {
            tracing::info!(?report, "the deliverer has stopped");
            Ok(())
        }
        Err(error) => Err(format!("the deliverer: {error}")),
    }
}

/// Delivers what is due, and returns how much.
async fn drain(delivery: Delivery, store: Arc<dyn Store>) -> Result<u64, DelivererError> {
    let report = delivery(store)?.build()?.drain().await?;
    Ok(report.sent)
}

/// Why a part of the daemon is not there any more.
fn said(ended: Option<Result<Ended, tokio::task::JoinError>>) -> Option<String> {
    Some(match ended {
        Some(Ok(Err(problem))) => problem,
        Some(Err(error)) => error.to_string(),
        Some(Ok(Ok(()))) | None => "it ended by itself".to_owned(),
    })
}

/// What no other try can mend.
fn is_hopeless(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::SchemaMismatch { .. }
            | StoreError::Refused { .. }
            | StoreError::Corrupt { .. }
            | StoreError::Invalid(_)
    )
}

fn explained(error: StoreError, database: &Database) -> Unusable {
    let mut unusable = Unusable::from(error);
    if unusable.exit == Exit::Schema {
        let shown = database.shown();
        unusable.problem = format!(
            "{}; `leasehold migrate status --database {shown}` shows how it is, `leasehold migrate up` \
             brings it up to date",
            unusable.problem
        );
    }
    unusable
}

fn internal(error: impl fmt::Display) -> Unusable {
    Unusable {
        exit: Exit::Internal,
        problem: error.to_string(),
    }
}

impl fmt::Debug for Daemon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Daemon")
            .field("source", &self.source)
            .field("loaded", &self.loaded)
            .field("delivers", &self.delivery.is_some())
            .finish_non_exhaustive()
    }
}
