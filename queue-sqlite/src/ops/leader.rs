//! Roles that one process is enough for.

use std::time::Duration;

use queue_core::{Led, RoleName, Timestamp, WorkerName};
use rusqlite::{Row, params};

use crate::fault::{Fault, Result};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

fn read(row: &Row<'_>) -> Result<Led> {
    let mut columns = Columns::of(row);
    Ok(Led {
        holder: columns.name()?,
        since: columns.time()?,
        until: columns.time()?,
    })
}

/// Takes or renews the role, and says who has it.
pub(crate) fn lead(
    session: &Session<'_>,
    role: &RoleName,
    holder: &WorkerName,
    lease: Duration,
) -> Result<Led> {
    let now: Timestamp = session.now();
    let mut bid = session.prepare(sql!("leader", "leader_bid"))?;
    let until = (now + lease).as_micros();
    let mut rows = bid.query(params![
        role.as_str(),
        holder.as_str(),
        now.as_micros(),
        until
    ])?;
    if let Some(row) = rows.next()? {
        return read(row);
    }
    let mut held = session.prepare(sql!("leader", "leader_read"))?;
    let mut rows = held.query([role.as_str()])?;
    // No other process writes meanwhile.
    let gone = || Fault::corrupt(format!("the role {role} is held and has no row"));
    rows.next()?.ok_or_else(gone).and_then(read)
}

/// Gives the role up, if it is the holder's.
pub(crate) fn resign(session: &Session<'_>, role: &RoleName, holder: &WorkerName) -> Result<bool> {
    let statement = sql!("leader", "leader_resign");
    Ok(session.execute(statement, [role.as_str(), holder.as_str()])? > 0)
}
