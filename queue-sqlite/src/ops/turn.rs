//! Ordering keys: at most one job of a key is admitted, the others wait in line.

use queue_core::{OrderingMode, Priority};
use rusqlite::{OptionalExtension, params};

use crate::codes;
use crate::fault::Result;
use crate::ops::queues;
use crate::session::Session;
use crate::sql::sql;

/// How a job that comes in is to be stored: ready if no other of its key is, else waiting. In loose
/// mode it takes the place of one that is due later.
pub(crate) fn join(session: &Session<'_>, queue: &str, key: &str, run_at: i64) -> Result<i64> {
    let admitted: Option<(i64, i64, i64)> = session
        .prepare(sql!("turn", "turn_admitted"))?
        .query_row([queue, key], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((id, state, its_run_at)) = admitted else {
        return Ok(codes::READY);
    };
    let overtaken = state == codes::READY
        && its_run_at > run_at
        && queues::ordering(session, queue)? == OrderingMode::Loose;
    if overtaken {
        set(session, id, codes::WAITING)?;
        return Ok(codes::READY);
    }
    Ok(codes::WAITING)
}

/// The admitted job of a key left: the next one is admitted.
pub(crate) fn pass(session: &Session<'_>, queue: &str, key: &str) -> Result<()> {
    let next = match queues::ordering(session, queue)? {
        OrderingMode::Strict => first_in_line(session, queue, key)?,
        OrderingMode::Loose => first_due(session, queue, key)?,
    };
    admit(session, next)
}

/// The admitted job of a key was put back: in loose mode it lines up and the choice is made anew.
pub(crate) fn rejoin(session: &Session<'_>, id: i64, queue: &str, key: &str) -> Result<()> {
    if queues::ordering(session, queue)? == OrderingMode::Loose {
        set(session, id, codes::WAITING)?;
        admit(session, first_due(session, queue, key)?)?;
    }
    Ok(())
}

fn admit(session: &Session<'_>, next: Option<(i64, i64)>) -> Result<()> {
    if let Some((id, run_at)) = next {
        set(session, id, codes::READY)?;
        session.became_claimable(run_at);
    }
    Ok(())
}

fn set(session: &Session<'_>, id: i64, state: i64) -> Result<()> {
    session.execute(sql!("turn", "turn_set"), [id, state])?;
    Ok(())
}

/// The next one in strict mode: the lowest id.
fn first_in_line(session: &Session<'_>, queue: &str, key: &str) -> Result<Option<(i64, i64)>> {
    Ok(session
        .prepare(sql!("turn", "turn_first_in_line"))?
        .query_row([queue, key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// The next one in loose mode: in claim order if any is due, else the one that is due first.
fn first_due(session: &Session<'_>, queue: &str, key: &str) -> Result<Option<(i64, i64)>> {
    let mut statement = session.prepare(sql!("turn", "turn_first_due"))?;
    let mut of_level = |priority: Priority, until: i64| {
        statement
            .query_row(params![queue, key, priority.get(), until], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
    };
    let mut later: Vec<(i64, i64)> = Vec::new();
    for priority in Priority::descending() {
        let Some((id, run_at)) = of_level(priority, i64::MAX)? else {
            continue;
        };
        if run_at <= session.micros() {
            return Ok(Some((id, run_at)));
        }
        later.push((id, run_at));
    }
    // The first of equals is the one of the highest priority.
    Ok(later.into_iter().min_by_key(|(_, run_at)| *run_at))
}
