//! Roles that one process is enough for.

use std::time::Duration;

use queue_core::{Led, RoleName, WorkerName};
use sqlx::postgres::PgRow;

use crate::fault::Result;
use crate::micros::Micros;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

fn read(row: &PgRow) -> Result<Led> {
    let mut row = Columns::of(row);
    Ok(Led {
        holder: row.name()?,
        since: row.time()?,
        until: row.time()?,
    })
}

/// Takes or renews the role, and says who has it.
pub(crate) async fn lead(
    session: &mut Session<'_>,
    role: &RoleName,
    holder: &WorkerName,
    lease: Duration,
) -> Result<Led> {
    let now = session.now()?;
    loop {
        let bid = session
            .statement(sql!("leader", "leader_bid"))
            .bind(role.as_str())
            .bind(holder.as_str())
            .bind(Micros(now))
            .bind(Micros(now + lease));
        if let Some(row) = session.maybe(bid).await? {
            return read(&row);
        }
        let held = session
            .statement(sql!("leader", "leader_read"))
            .bind(role.as_str());
        // It was given up in between: then it is to be had.
        if let Some(row) = session.maybe(held).await? {
            return read(&row);
        }
    }
}

/// Gives the role up, if it is the holder's.
pub(crate) async fn resign(
    session: &mut Session<'_>,
    role: &RoleName,
    holder: &WorkerName,
) -> Result<bool> {
    let statement = session
        .statement(sql!("leader", "leader_resign"))
        .bind(role.as_str())
        .bind(holder.as_str());
    Ok(session.execute(statement).await? > 0)
}
