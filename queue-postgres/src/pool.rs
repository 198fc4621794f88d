//! Connections that are kept. sqlx's own pool asks the server after each use whether it is still
//! there, which is one round trip per operation (4.0 k single inserts a second become 2.4 k); this
//! one asks only when a connection has been idle for a while.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use queue_core::StoreError;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::fault::{Fault, words};

/// After this much idleness the server is asked before the connection is used: a restart in between
/// is then noticed before anything is sent that might count.
const TRUSTED: Duration = Duration::from_secs(1);
/// A connection that has served so long is replaced: its memory on the server goes.
const LIFETIME: Duration = Duration::from_secs(1800);

/// After so long the server ends a transaction whose client has frozen: others wait for its locks.
pub(crate) const IDLE_IN_TRANSACTION: &str = "60s";

/// A time as the server's settings take it; 0 would be no bound at all.
pub(crate) fn bound(patience: Duration) -> String {
    format!("{}ms", patience.as_millis().clamp(1, i32::MAX as u128))
}

/// Settings that a planner without statistics needs: a plan that was made while the table was
/// empty is kept by the server after it has grown, and must not be a sequential scan. They are start
/// parameters, not session state that a pooler would have to carry along.
const PLANNER: [(&str, &str); 3] = [
    ("enable_seqscan", "off"),
    ("jit", "off"),
    ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION),
];

#[derive(Debug)]
pub(crate) struct Pool {
    options: PgConnectOptions,
    /// Whether we talk to the server itself, which takes start parameters.
    direct: AtomicBool,
    patience: Duration,
    idle: Mutex<Vec<Idle>>,
    permits: Arc<Semaphore>,
}

#[derive(Debug)]
struct Idle {
    connection: PgConnection,
    born: Instant,
    since: Instant,
    /// Until another one breaks.
    trusted: bool,
}

impl Pool {
    pub(crate) fn new(
        options: PgConnectOptions,
        size: u32,
        direct: bool,
        patience: Duration,
    ) -> Self {
        Self {
            options,
            direct: AtomicBool::new(direct),
            patience,
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(size as usize)),
        }
    }

    async fn connect(&self) -> Result<PgConnection, sqlx::Error> {
        if self.direct.load(Ordering::Relaxed) {
            let bound = bound(self.patience);
            let tuned = self
                .options
                .clone()
                .options(PLANNER)
                .options([("lock_timeout", &bound)]);
            match PgConnection::connect_with(&tuned).await {
                // What poolers answer who do not pass start parameters on.
                Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("08P01") => {
                    tracing::warn!(
                        "the server takes no start parameters: is it a pooler? Pass prepared=false then"
                    );
                    self.direct.store(false, Ordering::Relaxed);
                }
                other => return other,
            }
        }
        PgConnection::connect_with(&self.options).await
    }

    /// A connection to work with, after a turn of waiting if all are in use.
    pub(crate) async fn acquire(
        self: &Arc<Self>,
        operation: &'static str,
    ) -> Result<Pooled, StoreError> {
        let started = Instant::now();
        let permit = Arc::clone(&self.permits).acquire_owned();
        let permit = match tokio::time::timeout(self.patience, permit).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(StoreError::Closed { operation }),
            Err(_) => {
                return Err(StoreError::Busy {
                    operation,
                    waited: started.elapsed(),
                    cause: Some("all connections of the pool are in use".into()),
                });
            }
        };
        while let Some(mut idle) = self.pop() {
            let now = Instant::now();
            if now.duration_since(idle.born) > LIFETIME {
                continue;
            }
            let trusted = idle.trusted && now.duration_since(idle.since) <= TRUSTED;
            if !trusted && idle.connection.ping().await.is_err() {
                continue;
            }
            return Ok(self.lend(idle.connection, idle.born, permit));
        }
        let connection = self.connect_for(operation).await?;
        Ok(self.lend(connection, Instant::now(), permit))
    }

    /// A connection of one's own, in time or not at all.
    pub(crate) async fn connect_for(
        &self,
        operation: &'static str,
    ) -> Result<PgConnection, StoreError> {
        match tokio::time::timeout(self.patience, self.connect()).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(self.placed(refused(error, operation, self.patience))),
            Err(_) => Err(self.placed(StoreError::Unavailable {
                operation,
                detail: format!("no connection within {:?}", self.patience),
                cause: None,
            })),
        }
    }

    /// With the place that could not be reached.
    fn placed(&self, error: StoreError) -> StoreError {
        let StoreError::Unavailable {
            operation,
            detail,
            cause,
        } = error
        else {
            return error;
        };
        let place = place(&self.options);
        StoreError::Unavailable {
            operation,
            detail: format!("{detail} ({place})"),
            cause,
        }
    }

    fn pop(&self) -> Option<Idle> {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
    }

    /// A connection broke: the others may have gone the same way, and are asked before their next
    /// use.
    pub(crate) fn distrust(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        for idle in idle.iter_mut() {
            idle.trusted = false;
        }
    }

    fn lend(
        self: &Arc<Self>,
        connection: PgConnection,
        born: Instant,
        permit: OwnedSemaphorePermit,
    ) -> Pooled {
        Pooled {
            connection: Some(connection),
            born,
            pool: Arc::clone(self),
            _permit: permit,
        }
    }

    /// Says goodbye on all idle connections and lets nobody in any more.
    pub(crate) async fn close(&self) {
        self.permits.close();
        while let Some(idle) = self.pop() {
            let _ = idle.connection.close().await;
        }
    }
}

/// Where a connection goes, without the password.
pub(crate) fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}, port {}", options.get_host(), options.get_port()),
    }
}

fn refused(error: sqlx::Error, operation: &'static str, waited: Duration) -> StoreError {
    let wrong = match &error {
        sqlx::Error::Database(database) => match database.code().as_deref() {
            Some("28P01" | "28000") => Some("give the right user and password"),
            Some("3D000") => Some("create the database, or name one that exists"),
            _ => None,
        },
        sqlx::Error::Configuration(_) => Some("correct the URL"),
        _ => None,
    };
    match wrong {
        Some(remedy) => StoreError::refused("the database URL", words(&error), remedy),
        None => Fault::Sql(error).named(operation, waited),
    }
}

/// A connection on loan. Unless it is given back it is closed: whoever was interrupted in the middle
/// of something leaves nothing for the next one to trip over.
#[derive(Debug)]
pub(crate) struct Pooled {
    connection: Option<PgConnection>,
    born: Instant,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Pooled {
    pub(crate) fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// For the next one.
    pub(crate) fn give_back(mut self) {
        if let Some(connection) = self.connection.take() {
            let idle = Idle {
                connection,
                born: self.born,
                since: Instant::now(),
                trusted: true,
            };
            self.pool
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(idle);
        }
    }
}
