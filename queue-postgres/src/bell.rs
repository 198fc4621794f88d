//! Wake-ups across processes: LISTEN on a connection of its own, NOTIFY beside the work.
//!
//! A notification in each enqueue's own transaction would make commits queue up behind each other
//! (6,950 transactions a second become 751 at 32 clients). So one task sends them, at most one in a
//! few milliseconds, and only while somebody listens. Always only a hint: who misses one polls.

use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use queue_core::Wakeups;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sqlx::{AssertSqlSafe, Executor, Row};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::pool::Pool;
use crate::session::{Mode, Session, Setting};
use crate::sql::sql;

/// Between two notifications of one process.
const GAP: Duration = Duration::from_millis(5);
/// After finding nobody who listens, for how long nobody is told.
const DEAF: Duration = Duration::from_millis(250);
/// After finding somebody who listens, for how long that is taken to be so: looking takes as long as telling.
const KNOWN: Duration = Duration::from_secs(1);
/// How often a listener looks whether anyone in this process still waits for it.
const LOOK: Duration = Duration::from_secs(10);
/// While nobody does, how often it looks whether someone begins to.
const IDLE: Duration = Duration::from_millis(100);
/// Before a broken connection is made anew.
const RECONNECT: Duration = Duration::from_secs(1);
/// A start parameter by which a session of our own is known: poolers refuse it or drop it.
pub(crate) const MARK: [(&str, &str); 1] = [("leasehold.listener", "on")];

#[derive(Debug)]
pub(crate) struct Bell {
    wakeups: Wakeups,
    rung: Arc<Notify>,
    sends: AtomicBool,
    listens: AtomicBool,
    /// The server's process for our listener: what we tell it we know already.
    own: Arc<AtomicI32>,
    tasks: Mutex<Vec<AbortHandle>>,
}

impl Bell {
    pub(crate) fn new() -> Self {
        Self {
            wakeups: Wakeups::default(),
            rung: Arc::default(),
            sends: AtomicBool::default(),
            listens: AtomicBool::default(),
            own: Arc::default(),
            tasks: Mutex::default(),
        }
    }

    pub(crate) fn wakeups(&self) -> &Wakeups {
        &self.wakeups
    }

    /// Wakes whoever waits, here at once and elsewhere soon.
    pub(crate) fn ring(&self, pool: &Arc<Pool>, setting: &Arc<Setting>) {
        self.wakeups.ring();
        if !self.sends.swap(true, Ordering::AcqRel) {
            let send = send(
                Arc::clone(&self.rung),
                Arc::clone(&self.own),
                Arc::clone(pool),
                Arc::clone(setting),
            );
            if !self.spawn(send) {
                self.sends.store(false, Ordering::Release);
            }
        }
        self.rung.notify_one();
    }

    /// Begins to listen to other processes, unless it does already.
    pub(crate) fn listen(&self, options: &PgConnectOptions, setting: &Arc<Setting>) {
        if self.listens.swap(true, Ordering::AcqRel) {
            return;
        }
        let listener = Listener {
            wakeups: self.wakeups.clone(),
            own: Arc::clone(&self.own),
            options: options.clone(),
            setting: Arc::clone(setting),
        };
        if !self.spawn(listener.run()) {
            self.listens.store(false, Ordering::Release);
        }
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> bool {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return false;
        };
        let handle = runtime.spawn(task).abort_handle();
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|task| !task.is_finished());
        tasks.push(handle);
        true
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        let tasks = self.tasks.get_mut().unwrap_or_else(PoisonError::into_inner);
        for task in tasks {
            task.abort();
        }
    }
}

async fn send(rung: Arc<Notify>, own: Arc<AtomicI32>, pool: Arc<Pool>, setting: Arc<Setting>) {
    let mut seen: Option<Instant> = None;
    loop {
        rung.notified().await;
        let known = seen.is_some_and(|seen| seen.elapsed() < KNOWN);
        let heard = tell(&pool, &setting, own.load(Ordering::Relaxed), known).await;
        if !known {
            seen = heard.then(Instant::now);
        }
        tokio::time::sleep(if heard { GAP } else { DEAF }).await;
    }
}

/// Notifies, if another process listens, which may be known; says whether one does.
async fn tell(pool: &Arc<Pool>, setting: &Setting, own: i32, known: bool) -> bool {
    let Ok(mut pooled) = pool.acquire("notify").await else {
        return false;
    };
    let Ok(connection) = pooled.connection() else {
        return false;
    };
    let told = async {
        let mut session = Session::begin(connection, setting, None, Mode::Single).await?;
        let notify = session
            .statement(sql!("bell", "bell_notify"))
            .bind(setting.dialect.schema())
            .bind(own)
            .bind(known);
        let told = session.maybe(notify).await;
        session.end(told).await
    };
    match told.await {
        Ok((told, _)) => {
            pooled.give_back();
            told.is_some()
        }
        Err(fault) => {
            let error = fault.named("notify", Duration::ZERO);
            tracing::debug!(%error, "a wake-up was not sent; workers poll");
            false
        }
    }
}

/// How listening ended.
enum Heard {
    /// Nobody here waits any more.
    Enough,
    /// It did not begin: the session is not our own.
    Nothing,
}

struct Listener {
    wakeups: Wakeups,
    own: Arc<AtomicI32>,
    options: PgConnectOptions,
    setting: Arc<Setting>,
}

impl Listener {
    /// Does not end where one can listen, since whoever holds the wake-ups may begin to wait at any
    /// time.
    async fn run(self) {
        loop {
            if !self.wakeups.has_listeners() {
                tokio::time::sleep(IDLE).await;
                continue;
            }
            match self.listen().await {
                Ok(Heard::Enough) => {}
                Ok(Heard::Nothing) => break,
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("08P01") => {
                    break;
                }
                Err(error) => {
                    tracing::debug!(%error, "not listening for wake-ups; workers poll");
                    tokio::time::sleep(RECONNECT).await;
                }
            }
        }
        tracing::info!(
            "a pooler is in between: nobody listens for wake-ups, workers poll; `listen=` takes a direct way"
        );
    }

    async fn listen(&self) -> Result<Heard, sqlx::Error> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(self.options.clone().options(MARK));
        let mut listener = PgListener::connect_with(&pool).await?;
        // What is done to a session that others share would stay in it.
        let marked = "SELECT coalesce(current_setting('leasehold.listener', true) = 'on', false)";
        if !listener.fetch_one(marked).await?.try_get::<bool, _>(0)? {
            return Ok(Heard::Nothing);
        }
        // Who rings sees by this lock that somebody listens. It lives as long as the connection.
        let announce = self.setting.dialect.rename(
            "SELECT pg_backend_pid(), \
             pg_advisory_lock_shared(hashtextextended('leasehold.listening', 0))::text",
        );
        let row = listener.fetch_one(AssertSqlSafe(announce)).await?;
        self.own.store(row.try_get(0)?, Ordering::Relaxed);
        listener.listen(self.setting.dialect.schema()).await?;
        // What was said before we listened is not said again.
        self.wakeups.ring();
        loop {
            match tokio::time::timeout(LOOK, listener.try_recv()).await {
                Ok(Ok(Some(notification))) => {
                    let from = notification.payload();
                    if from.is_empty() || from != self.own.load(Ordering::Relaxed).to_string() {
                        self.wakeups.ring();
                    }
                }
                Ok(Ok(None)) => return Err(sqlx::Error::PoolClosed),
                Ok(Err(error)) => return Err(error),
                Err(_) if self.wakeups.has_listeners() => {}
                Err(_) => return Ok(Heard::Enough),
            }
        }
    }
}
