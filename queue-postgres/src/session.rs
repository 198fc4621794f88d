//! One operation: its connection, its transaction, its time.

use std::fmt::Write;
use std::time::Duration;

use futures::TryStreamExt;
use queue_core::{StoreError, StoreId, Timestamp};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Executor, PgConnection, Postgres, Row, Transaction};

use crate::copy::Rows;
use crate::fault::{Fault, Result};
use crate::micros::Micros;
use crate::pool::{IDLE_IN_TRANSACTION, bound};
use crate::sql::{Dialect, sql};

/// How often an operation that was rolled back for the sake of another is tried again.
pub(crate) const TRIES: u32 = 5;

/// The wait before trying again: short, and drawn, so that two that met do not meet again.
pub(crate) fn pause(attempt: u32) -> Duration {
    let bound = 5.0 * f64::from(2u32.saturating_pow(attempt));
    Duration::from_secs_f64(rand::random::<f64>() * bound / 1000.0)
}

/// How an operation runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// One statement that changes nothing: may simply be sent again.
    Read,
    /// One statement, its own transaction.
    Single,
    /// Several statements between BEGIN and COMMIT.
    Transaction,
}

/// What all operations of a store have in common.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) dialect: Dialect,
    pub(crate) store: StoreId,
    /// Whether statements stay prepared on their connection.
    pub(crate) prepared: bool,
    /// How long to wait for a lock that another holds.
    pub(crate) patience: Duration,
}

/// What an operation works with.
#[derive(Debug)]
pub(crate) struct Session<'c> {
    conn: &'c mut PgConnection,
    setting: &'c Setting,
    /// The one time of the operation; none yet for a single statement, which takes its own.
    now: Option<Timestamp>,
    open: bool,
    woke: bool,
}

impl<'c> Session<'c> {
    /// Begins an operation. Where a pooler stands between us and the server, a single statement gets
    /// a transaction too: preparing it and running it must reach the same connection.
    pub(crate) async fn begin(
        conn: &'c mut PgConnection,
        setting: &'c Setting,
        clock: Option<Timestamp>,
        mode: Mode,
    ) -> Result<Self> {
        let open = mode == Mode::Transaction || !setting.prepared;
        let mut session = Self {
            conn,
            setting,
            now: clock,
            open,
            woke: false,
        };
        if open {
            session.open_transaction().await?;
        }
        Ok(session)
    }

    /// Works inside a transaction of this library's own that something else has begun and will end.
    pub(crate) async fn inside(
        conn: &'c mut PgConnection,
        setting: &'c Setting,
        clock: Option<Timestamp>,
    ) -> Result<Self> {
        let mut session = Self {
            conn,
            setting,
            now: clock,
            open: false,
            woke: false,
        };
        session.now = Some(session.read_time().await?);
        Ok(session)
    }

    /// Works inside the caller's transaction, at the time of this statement, if it is one on the
    /// store's own tables and with the isolation that the operations are written for.
    pub(crate) async fn within(
        transaction: &'c mut Transaction<'_, Postgres>,
        setting: &'c Setting,
        clock: Option<Timestamp>,
    ) -> Result<Self> {
        let mut session = Self {
            conn: &mut *transaction,
            setting,
            now: clock,
            open: false,
            woke: false,
        };
        let statement = session
            .statement(sql!("session", "session_within"))
            .bind(session.time());
        let row = match session.one(statement).await {
            Ok(row) => row,
            // No such schema or table.
            Err(fault) if matches!(fault.code().as_deref(), Some("3F000" | "42P01")) => {
                return Err(elsewhere().into());
            }
            Err(fault) => return Err(fault),
        };
        if row.try_get_unchecked::<Option<i64>, _>(1)? != Some(setting.store.get()) {
            return Err(elsewhere().into());
        }
        let isolation: &str = row.try_get_unchecked(2)?;
        if isolation != "read committed" {
            return Err(StoreError::refused(
                "the caller's transaction",
                format!("it is {}", isolation.to_uppercase()),
                "begin it with BEGIN ISOLATION LEVEL READ COMMITTED",
            )
            .into());
        }
        session.now = Some(row.try_get_unchecked::<Micros, _>(0)?.0);
        Ok(session)
    }

    /// The time that this statement takes.
    pub(crate) async fn read_time(&mut self) -> Result<Timestamp> {
        let statement = self
            .statement(sql!("session", "session_now"))
            .bind(self.time());
        Ok(self
            .one(statement)
            .await?
            .try_get_unchecked::<Micros, _>(0)?
            .0)
    }

    /// BEGIN and the time in one round trip.
    async fn open_transaction(&mut self) -> Result<()> {
        // READ COMMITTED whatever the server's default is: after waiting for a lock, the next
        // statement must see what its holder wrote.
        let mut begin = String::from("BEGIN ISOLATION LEVEL READ COMMITTED");
        if !self.setting.prepared {
            // What are start parameters elsewhere, for this transaction.
            let bound = bound(self.setting.patience);
            let _ = write!(
                begin,
                "; SET LOCAL lock_timeout = '{bound}'; \
                 SET LOCAL idle_in_transaction_session_timeout = '{IDLE_IN_TRANSACTION}'"
            );
        }
        if self.now.is_some() {
            self.conn.execute(AssertSqlSafe(begin)).await?;
            return Ok(());
        }
        begin.push_str("; SELECT (extract(epoch FROM statement_timestamp()) * 1000000)::bigint");
        let row = self.conn.fetch_one(AssertSqlSafe(begin)).await?;
        self.now = Some(Timestamp::from_micros(row.try_get(0)?));
        Ok(())
    }

    /// Commits what succeeded, undoes what did not.
    pub(crate) async fn end<T>(self, result: Result<T>) -> Result<(T, bool)> {
        if !self.open {
            return result.map(|value| (value, self.woke));
        }
        match result {
            Ok(value) => {
                self.conn.execute("COMMIT").await?;
                Ok((value, self.woke))
            }
            Err(fault) => {
                if !fault.is_broken() {
                    self.conn.execute("ROLLBACK").await?;
                }
                Err(fault)
            }
        }
    }

    /// The one time of the operation.
    pub(crate) fn now(&self) -> Result<Timestamp> {
        self.now
            .ok_or_else(|| Fault::Sql(sqlx::Error::Protocol("no time was taken".into())))
    }

    /// The time to pass to a statement; none lets it take its own.
    pub(crate) fn time(&self) -> Option<Micros> {
        self.now.map(Micros)
    }

    pub(crate) fn store(&self) -> StoreId {
        self.setting.store
    }

    /// A statement of ours, to be bound and run.
    pub(crate) fn statement<'q>(&self, text: &'static str) -> Query<'q, Postgres, PgArguments> {
        sqlx::query(self.setting.dialect.statement(text)).persistent(self.setting.prepared)
    }

    pub(crate) async fn rows(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>> {
        Ok(query.fetch_all(&mut *self.conn).await?)
    }

    /// Reads rows while the server is still at work on the others.
    pub(crate) async fn each<T>(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
        mut read: impl FnMut(&PgRow) -> Result<T> + Send,
    ) -> Result<Vec<T>> {
        let mut values = Vec::new();
        let mut rows = query.fetch(&mut *self.conn);
        while let Some(row) = rows.try_next().await? {
            values.push(read(&row)?);
        }
        Ok(values)
    }

    /// Sends rows by a statement that takes them from us.
    pub(crate) async fn copy(
        &mut self,
        text: &'static str,
        mut next: impl FnMut(&mut Rows) -> Result<bool> + Send,
    ) -> Result<()> {
        let statement = self.setting.dialect.statement(text);
        let mut copy = self.conn.copy_in_raw(statement.as_str()).await?;
        let mut rows = Rows::new();
        loop {
            match next(&mut rows) {
                Ok(true) => {}
                Ok(false) => break,
                Err(fault) => {
                    copy.abort("a row cannot be written").await?;
                    return Err(fault);
                }
            }
            if let Some(bytes) = rows.full() {
                copy.send(bytes).await?;
                rows.clear();
            }
        }
        copy.send(rows.finish()).await?;
        copy.finish().await?;
        Ok(())
    }

    pub(crate) async fn one(&mut self, query: Query<'_, Postgres, PgArguments>) -> Result<PgRow> {
        Ok(query.fetch_one(&mut *self.conn).await?)
    }

    pub(crate) async fn maybe(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Option<PgRow>> {
        Ok(query.fetch_optional(&mut *self.conn).await?)
    }

    /// Runs a statement and says how many rows it changed.
    pub(crate) async fn execute(&mut self, query: Query<'_, Postgres, PgArguments>) -> Result<u64> {
        Ok(query.execute(&mut *self.conn).await?.rows_affected())
    }

    /// Runs text that is not prepared: the definition of a table.
    pub(crate) async fn define(&mut self, text: &str) -> Result<()> {
        self.conn
            .execute(AssertSqlSafe(self.setting.dialect.rename(text)))
            .await?;
        Ok(())
    }

    /// A statement about a table whose name is not known beforehand, to be bound and run once.
    pub(crate) fn composed<'q>(&self, text: &str) -> Query<'q, Postgres, PgArguments> {
        sqlx::query(AssertSqlSafe(self.setting.dialect.rename(text))).persistent(false)
    }

    /// The row of such a statement that has nothing to bind.
    pub(crate) async fn one_of(&mut self, text: &str) -> Result<PgRow> {
        self.one(self.composed(text)).await
    }

    /// A job became claimable at this time: whoever listens is told after the commit, unless it is
    /// still to come.
    pub(crate) fn became_claimable(&mut self, run_at: Timestamp) {
        if self.now.is_none_or(|now| run_at <= now) {
            self.woke = true;
        }
    }

    /// Whoever listens is told after the commit.
    pub(crate) fn wake(&mut self) {
        self.woke = true;
    }
}

fn elsewhere() -> StoreError {
    StoreError::refused(
        "the caller's transaction",
        "it is on another database than the store",
        "begin it on a connection to the store's own database",
    )
}
