//! One operation inside a transaction: its connection, its time, and the numbers it draws.

use std::cell::Cell;
use std::time::Duration;

use queue_core::{JobId, NotificationId, StoreError, StoreId, Timestamp};
use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use crate::clock::{HostClock, MARK_EVERY};
use crate::fault::{Fault, Result};
use crate::migrations;
use crate::sql::sql;

/// The one row of `leasehold_meta`, read at the beginning of a transaction and written at its end.
#[derive(Debug)]
pub(crate) struct Meta {
    store: StoreId,
    next_job: Cell<i64>,
    next_notification: Cell<i64>,
    mark: Timestamp,
    wake: i64,
    limited: bool,
    drawn: Cell<bool>,
    woke: Cell<bool>,
    changes_before: u64,
}

impl Meta {
    /// Reads the row. A database without it has no schema.
    /// Time does not go back: a host whose clock was ahead once leaves its mark, and everything waits
    /// by it.
    pub(crate) fn warn_of_a_clock_ahead(&self) {
        let ahead = self.mark.since(Timestamp::of_this_host());
        if ahead > Duration::from_secs(60) {
            tracing::warn!(
                ?ahead,
                mark = %self.mark,
                "the database has seen a clock that was ahead of this host's: its time goes on from there"
            );
        }
    }

    pub(crate) fn load(conn: &Connection) -> Result<Self> {
        let row = conn
            .prepare_cached(sql!("meta", "meta_load"))
            .and_then(|mut statement| {
                statement
                    .query_row([], |row| {
                        Ok(Self {
                            store: StoreId::new(row.get(0)?),
                            next_job: Cell::new(row.get(1)?),
                            next_notification: Cell::new(row.get(2)?),
                            mark: Timestamp::from_micros(row.get(3)?),
                            wake: row.get(4)?,
                            limited: row.get(5)?,
                            drawn: Cell::new(false),
                            woke: Cell::new(false),
                            changes_before: conn.total_changes(),
                        })
                    })
                    .optional()
            });
        match row {
            Ok(Some(meta)) => Ok(meta),
            Ok(None) => Err(Fault::corrupt("leasehold_meta has no row")),
            Err(error) if is_missing_table(&error) => Err(StoreError::SchemaMismatch {
                found: 0,
                supported: migrations::NEWEST,
            }
            .into()),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn store(&self) -> StoreId {
        self.store
    }

    /// Whether jobs became claimable in this transaction.
    pub(crate) fn woke(&self) -> bool {
        self.woke.get()
    }

    /// Writes what changed, and returns the new wake number if a job became claimable.
    pub(crate) fn save(&self, conn: &Connection, clock: &HostClock) -> Result<Option<i64>> {
        let wrote = conn.total_changes() != self.changes_before;
        let now = if clock.keeps_mark() {
            clock.now(self.mark)
        } else {
            self.mark
        };
        let marks = wrote && now.since(self.mark) >= MARK_EVERY;
        let woke = self.woke.get();
        if self.drawn.get() || woke || marks {
            conn.prepare_cached(sql!("meta", "meta_save"))?
                .execute(params![
                    self.next_job.get(),
                    self.next_notification.get(),
                    now.as_micros(),
                    self.wake + i64::from(woke),
                ])?;
        }
        Ok(woke.then_some(self.wake + 1))
    }
}

fn is_missing_table(error: &rusqlite::Error) -> bool {
    error.to_string().contains("no such table")
}

/// What an operation works with.
#[derive(Debug)]
pub(crate) struct Session<'a> {
    conn: &'a Connection,
    meta: &'a Meta,
    now: Timestamp,
}

impl<'a> Session<'a> {
    /// At the clock's time now.
    pub(crate) fn new(conn: &'a Connection, meta: &'a Meta, clock: &HostClock) -> Self {
        Self {
            conn,
            meta,
            now: clock.now(meta.mark),
        }
    }

    /// The one time of the operation.
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// The time as stored.
    pub(crate) fn micros(&self) -> i64 {
        self.now.as_micros()
    }

    pub(crate) fn store(&self) -> StoreId {
        self.meta.store
    }

    /// A statement of ours, prepared once per connection.
    pub(crate) fn prepare(&self, sql: &'static str) -> Result<CachedStatement<'a>> {
        Ok(self.conn.prepare_cached(sql)?)
    }

    /// Runs a statement and says how many rows it changed.
    pub(crate) fn execute(
        &self,
        sql: &'static str,
        params: impl rusqlite::Params,
    ) -> Result<usize> {
        Ok(self.prepare(sql)?.execute(params)?)
    }

    /// A job number that was never given before. Gaps are possible: one drawn by an operation that
    /// failed is not given again.
    pub(crate) fn draw_job(&self) -> JobId {
        JobId::new(self.draw(&self.meta.next_job))
    }

    /// A notification number that was never given before.
    pub(crate) fn draw_notification(&self) -> NotificationId {
        NotificationId::new(self.draw(&self.meta.next_notification))
    }

    fn draw(&self, next: &Cell<i64>) -> i64 {
        self.meta.drawn.set(true);
        let id = next.get();
        next.set(id + 1);
        id
    }

    /// A job became claimable at this time: whoever listens is told after the commit, unless it is
    /// still to come.
    pub(crate) fn became_claimable(&self, run_at: i64) {
        if run_at <= self.micros() {
            self.wake();
        }
    }

    /// Whoever listens is told after the commit.
    pub(crate) fn wake(&self) {
        self.meta.woke.set(true);
    }

    /// A running job ended: where a queue bounds how many run, that makes room.
    pub(crate) fn made_room(&self) {
        if self.meta.limited {
            self.wake();
        }
    }
}
