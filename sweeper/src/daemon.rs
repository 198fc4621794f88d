//! A daemon's life: opened, driven, reloaded, stopped.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use queue_core::Store;
use queue_ops::telemetry::Levels;
use queue_ops::{Backend, Exit, Opened, Signal, Signals};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::configuration::{Loaded, Source, Unusable};
use crate::delivery::drain;
use crate::health::Health;
use crate::http::Server;
use crate::leadership::Leadership;
use crate::loops::LoopName;
use crate::metrics::Meters;
use crate::notify;
use crate::once::Sweeper;
use crate::running::Running;
use crate::scene::Scene;
use crate::signals::Requests;
use crate::state::State;

/// How long the end of the store may take.
const CLOSE: Duration = Duration::from_secs(2);
/// The daemon, before it runs.
pub struct Daemon {
    source: Source,
    loaded: Loaded,
    levels: Option<Levels>,
    meters: Meters,
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
        }
    }

    /// Runs every loop one time. A signal to stop ends it after the page that is under way; a second one ends
    /// it at once.
    pub(crate) async fn once(self) -> Result<(String, Exit), Unusable> {
        let mut signals = Signals::listen().map_err(internal)?;
        let opened = tokio::select! {
            opened = self.loaded.database.open() => opened,
            signal = signals.next() => return Ok((String::new(), signal.exit())),
        };
        let Opened { store, backend } = opened?;
        let stop = CancellationToken::new();
        let round = self.round(store, backend.clone(), stop.clone());
        tokio::pin!(round);
        let (ended, asked) = tokio::select! {
            ended = &mut round => (ended, None),
            signal = signals.next() => {
                tracing::info!(%signal, "stopping after this page");
                stop.cancel();
                tokio::select! {
                    ended = &mut round => (ended, Some(signal)),
                    signal = signals.next() => return Ok((String::new(), signal.exit())),
                }
            }
        };
        let (said, exit) = ended?;
        backend.close().await;
        Ok((said, asked.map_or(exit, Signal::exit)))
    }

    async fn round(
        &self,
        store: Arc<dyn Store>,
        backend: Backend,
        stop: CancellationToken,
    ) -> Result<(String, Exit), Unusable> {
        let settings = self.loaded.settings();
        let sweeper = Sweeper::with(Arc::clone(&store), settings, Some(backend), stop.clone());
        let mut sweeper = sweeper.map_err(internal)?;
        let round = sweeper.round().await;
        let (mut said, mut exit) = (round.to_string(), round.exit());
        match drain(&self.loaded.config.delivery, store, stop).await {
            Ok(None) => {}
            Ok(Some(sent)) => said.push_str(&format!("delivery\tdone\t{sent}\n")),
            Err(error) => {
                said.push_str(&format!("delivery\tfailed\t{error}\n"));
                exit = Exit::Partly;
            }
        }
        Ok((said, exit))
    }

    /// Runs until it is told to stop.
    pub(crate) async fn run(self) -> Result<Exit, Unusable> {
        let Self {
            source,
            loaded,
            levels,
            meters,
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
        };
        // Before the database: it is when that does not answer that somebody looks.
        let listen = &loaded.config.http.listen;
        let server = Server::bind(listen, health.clone(), meters.clone()).await?;
        let mut background = JoinSet::new();
        background.spawn(meters.keep_small());
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
            backend: Some(opened.backend.clone()),
            stop: CancellationToken::new(),
            once: false,
            of: LoopName::Pulse,
        };
        let exit = running.drive(&scene).await;
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
            .finish_non_exhaustive()
    }
}
