//! Removing what its retention has ended for, page by page.

use std::time::Duration;

use queue_core::{Maintained, Retention};
use rusqlite::params;

use crate::fault::Result;
use crate::session::Session;
use crate::sql::sql;

/// Removes at most `limit` rows of a sort.
pub(crate) fn maintain(
    session: &Session<'_>,
    retention: &Retention,
    limit: u32,
) -> Result<Maintained> {
    let before = |kept: Duration| (session.now() - kept).as_micros();
    Ok(Maintained {
        history: history(session, before(retention.history), limit)?,
        keys: removed(session.execute(
            sql!("maintain", "maintain_keys"),
            params![session.micros(), limit],
        )?),
        notifications: notifications(session, before(retention.notifications), limit)?,
        dead_letters: letters(session, before(retention.dead_letters), limit)?,
        subjects: removed(session.execute(
            sql!("maintain", "maintain_subjects"),
            params![before(retention.subjects), limit],
        )?),
    })
}

fn removed(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

/// Finished jobs, and what else there is of them unless a letter still remembers it.
fn history(session: &Session<'_>, before: i64, limit: u32) -> Result<u64> {
    let ended: Vec<i64> = session
        .prepare(sql!("maintain", "maintain_ended"))?
        .query_map(params![before, limit], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in &ended {
        session.execute(sql!("maintain", "maintain_drop_history"), [id])?;
        drop_body(session, *id)?;
    }
    Ok(removed(ended.len()))
}

fn drop_body(session: &Session<'_>, id: i64) -> Result<()> {
    if session.execute(sql!("maintain", "maintain_drop_body"), [id])? == 1 {
        session.execute(sql!("maintain", "maintain_drop_progress"), [id])?;
    }
    Ok(())
}

/// Settled notifications with their history.
fn notifications(session: &Session<'_>, before: i64, limit: u32) -> Result<u64> {
    let settled: Vec<i64> = session
        .prepare(sql!("maintain", "maintain_notifications"))?
        .query_map(params![before, limit], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in &settled {
        session.execute(sql!("maintain", "maintain_drop_events"), [id])?;
    }
    Ok(removed(settled.len()))
}

/// Closed letters with their evidence, and with the stages of the jobs that lie in them.
fn letters(session: &Session<'_>, before: i64, limit: u32) -> Result<u64> {
    let closed: Vec<(i64, bool)> = session
        .prepare(sql!("maintain", "maintain_closed_letters"))?
        .query_map(params![before, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (id, holds_job) in &closed {
        session.execute(sql!("maintain", "maintain_drop_evidence"), [id])?;
        session.execute(sql!("maintain", "maintain_drop_original"), [id])?;
        session.execute(sql!("maintain", "maintain_drop_letter"), [id])?;
        if *holds_job {
            session.execute(sql!("settle", "settle_drop_stages"), [id])?;
        }
        drop_body(session, *id)?;
    }
    Ok(removed(closed.len()))
}
