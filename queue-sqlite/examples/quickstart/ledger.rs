//! The service's own table beside the queue's, in the same file: one row per effect.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use queue_core::JobId;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::greet::Greet;

pub(crate) fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

pub(crate) fn create(path: &Path) -> Result<()> {
    connect(path)?.execute_batch(
        "CREATE TABLE greeting (job INTEGER NOT NULL, number INTEGER NOT NULL, worker TEXT NOT NULL)",
    )?;
    Ok(())
}

/// A transaction that writes: it waits for its turn at the beginning, not in the middle.
pub(crate) fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

pub(crate) fn write(
    transaction: &Transaction<'_>,
    job: JobId,
    greet: &Greet,
    worker: &str,
) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO greeting (job, number, worker) VALUES (?1, ?2, ?3)",
        params![job.get(), greet.number as i64, worker],
    )?;
    Ok(())
}

fn count(path: &Path, sql: &str) -> Result<usize> {
    let counted: i64 = connect(path)?.query_row(sql, [], |row| row.get(0))?;
    Ok(usize::try_from(counted)?)
}

pub(crate) fn finished_by(path: &Path, worker: &str) -> Result<usize> {
    let connection = connect(path)?;
    let sql = "SELECT count(*) FROM greeting WHERE worker = ?1";
    let counted: i64 = connection.query_row(sql, [worker], |row| row.get(0))?;
    Ok(usize::try_from(counted)?)
}

pub(crate) fn effects(path: &Path) -> Result<usize> {
    count(path, "SELECT count(*) FROM greeting")
}

pub(crate) fn distinct_effects(path: &Path) -> Result<usize> {
    count(path, "SELECT count(DISTINCT number) FROM greeting")
}

/// Jobs in history, by the view that operators read.
pub(crate) fn succeeded(path: &Path) -> Result<usize> {
    count(
        path,
        "SELECT count(*) FROM leasehold_jobs WHERE state = 'succeeded'",
    )
}

/// How often jobs were started: a fence counts its job's claims.
pub(crate) fn starts(path: &Path) -> Result<usize> {
    count(path, "SELECT sum(fence) FROM leasehold_jobs")
}
