//! Noticing what other processes, and other connections of this one, commit.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use queue_core::StoreError;
use rusqlite::Connection;

use crate::connection;
use crate::fault::Result;
use crate::options::SqliteOptions;
use crate::shared::Shared;
use crate::sql::sql;

/// How often to look while someone listens; a look costs about a microsecond.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// How often to see whether someone listens.
const LISTENER_EVERY: Duration = Duration::from_millis(50);

/// The thread that looks.
#[derive(Debug)]
pub(crate) struct Watcher {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Starts the thread.
    pub(crate) fn start(
        options: SqliteOptions,
        shared: Arc<Shared>,
    ) -> std::result::Result<Self, StoreError> {
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::Builder::new()
            .name("leasehold-sqlite-watcher".to_owned())
            .spawn(move || {
                let mut watch = None;
                let mut pause = LISTENER_EVERY;
                while stopped.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                    pause = look(&mut watch, &options, &shared);
                }
            })
            .map_err(|error| StoreError::backend("starting the watcher thread", error))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // Its panic was reported when it happened.
            drop(thread.join());
        }
    }
}

/// One look; says when the next is due. Wake-ups are hints: what goes wrong here costs latency, and
/// every reading or writing call reports the same trouble to its caller.
fn look(watch: &mut Option<Watch>, options: &SqliteOptions, shared: &Shared) -> Duration {
    if !shared.wakeups.has_listeners() {
        *watch = None;
        return LISTENER_EVERY;
    }
    let looked = match watch {
        Some(watch) => watch.look(shared),
        None => Watch::begin(options).map(|begun| {
            // What was committed before counts too: someone may have begun to listen since.
            shared.wakeups.ring();
            *watch = Some(begun);
        }),
    };
    match looked {
        Ok(()) => LOOK_EVERY,
        Err(_) => {
            *watch = None;
            LISTENER_EVERY
        }
    }
}

struct Watch {
    conn: Connection,
    version: i64,
    wake: i64,
}

impl Watch {
    fn begin(options: &SqliteOptions) -> Result<Self> {
        let conn = connection::reader(options)?;
        let mut watch = Self {
            version: 0,
            wake: 0,
            conn,
        };
        watch.version = watch.read(sql!("watch", "watch_version"))?;
        watch.wake = watch.read(sql!("watch", "watch_wake"))?;
        Ok(watch)
    }

    fn read(&self, sql: &'static str) -> Result<i64> {
        Ok(self
            .conn
            .prepare_cached(sql)?
            .query_row([], |row| row.get(0))?)
    }

    /// Rings when another connection made a job claimable. Our own writer rings by itself.
    fn look(&mut self, shared: &Shared) -> Result<()> {
        let version = self.read(sql!("watch", "watch_version"))?;
        if version == self.version {
            return Ok(());
        }
        self.version = version;
        let wake = self.read(sql!("watch", "watch_wake"))?;
        let heard = self.wake.max(shared.own_wake.load(Ordering::Acquire));
        self.wake = wake;
        if wake > heard {
            shared.wakeups.ring();
        }
        Ok(())
    }
}
