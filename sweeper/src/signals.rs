//! What the process is asked for from outside.

use std::io;

use queue_ops::{Exit, Signal, Signals};

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// SIGTERM, SIGINT.
    Stop(Signal),
    /// SIGHUP.
    Reload,
    /// SIGUSR1.
    State,
}

/// Listens from when it is made.
#[derive(Debug)]
pub(crate) struct Requests {
    stop: Signals,
    #[cfg(unix)]
    hangup: tokio::signal::unix::Signal,
    #[cfg(unix)]
    user: tokio::signal::unix::Signal,
}

impl Requests {
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            stop: Signals::listen()?,
            hangup: signal(SignalKind::hangup())?,
            user: signal(SignalKind::user_defined1())?,
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            stop: Signals::listen()?,
        })
    }

    /// The next one.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> Asked {
        tokio::select! {
            signal = self.stop.next() => Asked::Stop(signal),
            _ = self.hangup.recv() => Asked::Reload,
            _ = self.user.recv() => Asked::State,
        }
    }

    /// The next one.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> Asked {
        Asked::Stop(self.stop.next().await)
    }

    /// A second signal to stop: what to end with, now.
    pub(crate) async fn stop_at_once(&mut self) -> Exit {
        let signal = self.stop.next().await;
        tracing::warn!(%signal, "a second signal: ending at once");
        std::process::exit(signal.exit().code().into())
    }
}
