//! What goes on while the daemon runs: the database is opened, the loops are driven, signals are answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use queue_core::{Backoff, Jitter, StoreError};
use queue_ops::telemetry::Levels;
use queue_ops::{Exit, Opened};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::configuration::{Loaded, Source, Unusable};
use crate::delivery::{Ended, deliver};
use crate::drive::drive;
use crate::health::Health;
use crate::loops::LoopName;
use crate::notify;
use crate::scene::Scene;
use crate::settings::Settings;
use crate::signals::{Asked, Requests};
use crate::state::{Phase, State};

/// The first pause after the database could not be opened, and the longest.
const OPEN_AGAIN: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// What is held while the daemon runs.
pub(crate) struct Running {
    pub(crate) source: Source,
    pub(crate) loaded: Loaded,
    pub(crate) levels: Option<Levels>,
    pub(crate) sender: watch::Sender<Arc<Settings>>,
    pub(crate) state: Arc<State>,
    pub(crate) health: Health,
    pub(crate) requests: Requests,
}

impl Running {
    /// Opens the database, however long it takes; none if the process is to stop before.
    pub(crate) async fn open(&mut self) -> Result<Option<Opened>, Unusable> {
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
                return Err(error.into());
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
    pub(crate) async fn drive(&mut self, scene: &Scene) -> Exit {
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
        let store = Arc::clone(&scene.store);
        let (state, stop) = (Arc::clone(&self.state), scene.stop.clone());
        loops.spawn(deliver(store, scene.settings.clone(), state, stop));
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
        let within = self.loaded.stops_within();
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
                    // Also where only warnings are logged: somebody wants to see it.
                    tracing::warn!(state = %document, "as asked for");
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
                self.loaded.config.delivery = loaded.config.delivery;
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
