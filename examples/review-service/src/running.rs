//! What `serve` and `work` have in common: a database that is open, an allow-list on record, and an ear for signals.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use queue_core::{Cause, Queue, StoreError, TraceContext};
use queue_ops::{Backend, Exit, Opened, Signals, shown_error, telemetry};
use tokio_util::sync::CancellationToken;

use crate::allow_list::{AllowList, Difference};
use crate::allowed::{Allowed, act_of, record};
use crate::config::{InvalidServiceConfig, ServiceConfig};
use crate::meters::Meters;
use crate::{serve, work};

/// Why a process ends that was not told to.
#[derive(Debug)]
pub struct Failed {
    exit: Exit,
    problem: String,
}

impl Failed {
    /// With this code and these words.
    #[must_use]
    pub fn new(exit: Exit, problem: impl fmt::Display) -> Self {
        Self {
            exit,
            problem: problem.to_string(),
        }
    }

    /// Where somebody else listens already, or nobody may.
    #[must_use]
    pub fn listen(place: SocketAddr, error: &io::Error) -> Self {
        Self::new(
            Exit::Unavailable,
            format_args!("nothing can be taken at {place}: {error}"),
        )
    }

    /// What it ends with.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl From<InvalidServiceConfig> for Failed {
    fn from(error: InvalidServiceConfig) -> Self {
        Self::new(error.exit(), error)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::new(Exit::of(&error), shown_error(&error))
    }
}

impl From<Cause> for Failed {
    fn from(error: Cause) -> Self {
        match error.downcast::<StoreError>() {
            Ok(error) => (*error).into(),
            Err(error) => Self::new(exit_of(error.downcast_ref()), error),
        }
    }
}

/// A full disk is no matter of the configuration.
fn exit_of(error: Option<&io::Error>) -> Exit {
    match error.map(io::Error::kind) {
        Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => Exit::Output,
        _ => Exit::Config,
    }
}

/// Which part of the service a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Takes requests.
    Serve,
    /// Works on them.
    Work,
}

/// Runs a part of the service until it is told to stop.
pub async fn run(role: Role, config: ServiceConfig, migrate: bool) -> Result<(), Failed> {
    let log = &config.shared().log;
    telemetry::start(log.format, &log.level, true);
    // Of two recorders in a process the first one counts.
    let meters = Meters::start().unwrap_or_else(|_| Meters::aside());
    let stop = CancellationToken::new();
    // From now on: a signal that comes while the database is opened is not lost.
    let ears = Ears::listen().map_err(|error| Failed::new(Exit::Internal, error))?;
    if role == Role::Work {
        // Whoever cannot work must not have brought a database to another version before.
        config.check_secrets()?;
    }
    let Opened { store, backend } = open(&config, migrate).await?;
    let list = config.allow_list()?;
    let changed = record(&list, &*store, &act_of("started")?).await?;
    if !changed.is_empty() {
        told(&list, &changed, "loaded another allow-list");
    }
    let allowed = Allowed::new(list);
    let hearing = tokio::spawn(ears.hear(
        config.clone(),
        allowed.clone(),
        Arc::clone(&store),
        stop.clone(),
    ));
    let queue = Queue::shared(store).with(TraceContext);
    let ended = match role {
        Role::Serve => serve::serve(&config, queue, allowed, meters, stop).await,
        Role::Work => work::work(&config, queue, allowed, meters, stop).await,
    };
    hearing.abort();
    Backend::close(backend).await;
    ended
}

/// The database, as the library's file names it.
pub(crate) async fn open(config: &ServiceConfig, migrate: bool) -> Result<Opened, Failed> {
    let database = config.database()?;
    if migrate {
        database.migrate().await?;
    }
    Ok(database.open().await?)
}

/// Listens for signals from when it is made.
struct Ears {
    stop: Signals,
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
}

impl Ears {
    #[cfg(unix)]
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            stop: Signals::listen()?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    #[cfg(not(unix))]
    fn listen() -> io::Result<Self> {
        Ok(Self {
            stop: Signals::listen()?,
        })
    }

    /// SIGHUP reads the allow-list again; whatever asks the process to stop ends it, the second time at once.
    async fn hear(
        mut self,
        config: ServiceConfig,
        allowed: Allowed,
        store: Arc<dyn queue_core::Store>,
        stop: CancellationToken,
    ) {
        loop {
            #[cfg(unix)]
            tokio::select! {
                signal = self.stop.next() => {
                    tracing::info!(%signal, "stopping");
                    return stop.cancel();
                }
                _ = self.hangup.recv() => reload(&config, &allowed, &*store).await,
            }
            #[cfg(not(unix))]
            {
                self.stop.next().await;
                return stop.cancel();
            }
        }
    }
}

/// Puts the list in force that the file has now. One that is wrong changes nothing, and that is said.
async fn reload(config: &ServiceConfig, allowed: &Allowed, store: &dyn queue_core::Store) {
    let loading = async {
        let list = ServiceConfig::read(config.path())?.allow_list()?;
        let act = act_of("told to reload (SIGHUP)")?;
        let changed = allowed.load(list, store, &act).await?;
        told(&allowed.list(), &changed, "read the allow-list again");
        Ok(())
    };
    let loaded: Result<(), Cause> = loading.await;
    if let Err(error) = loaded {
        tracing::error!(%error, "the allow-list is as it was: the new one is not in force");
    }
}

/// One line for each list that came into force.
fn told(list: &AllowList, changed: &Difference, what: &str) {
    tracing::info!(
        digest = list.digest(),
        added = changed.added.len(),
        removed = changed.removed.len(),
        "{what}"
    );
}
