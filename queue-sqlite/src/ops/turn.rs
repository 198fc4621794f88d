//! Ordering keys: at most one job of a key is admitted, the others wait in line.

use queue_core::{OrderingMode, Priority, codes};
use rusqlite::{OptionalExtension, params};

use crate::fault::Result;
use crate::ops::queues;
use crate::session::Session;
use crate::sql::sql;

/// A job that lines up.
pub(crate) struct Place<'a> {
    pub(crate) job: i64,
    pub(crate) queue: &'a str,
    pub(crate) key: &'a str,
    pub(crate) priority: i64,
    pub(crate) run_at: i64,
}

/// Lines a job up that comes in, and says how it is to be stored: ready if no other of its key is,
/// else waiting. In loose mode it takes the place of one that is due later.
pub(crate) fn join(session: &Session<'_>, place: &Place<'_>) -> Result<i16> {
    let admitted: Option<(i64, i16, i64)> = session
        .prepare(sql!("turn", "turn_admitted"))?
        .query_row([place.queue, place.key], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let state = match admitted {
        None => codes::READY,
        Some((id, codes::READY, run_at))
            if run_at > place.run_at
                && queues::ordering(session, place.queue)? == OrderingMode::Loose =>
        {
            wait(session, id, run_at)?;
            codes::READY
        }
        Some(_) => codes::WAITING,
    };
    session.execute(
        sql!("turn", "turn_enter"),
        params![
            place.job,
            state == codes::READY,
            place.priority,
            place.run_at,
            place.queue,
            place.key
        ],
    )?;
    Ok(state)
}

/// A job of a key left; if it was the admitted one, the next is admitted.
pub(crate) fn leave(
    session: &Session<'_>,
    job: i64,
    was_admitted: bool,
    queue: &str,
    key: &str,
) -> Result<()> {
    session.execute(sql!("turn", "turn_leave"), [job])?;
    if !was_admitted {
        return Ok(());
    }
    let next = match queues::ordering(session, queue)? {
        OrderingMode::Strict => first_in_line(session, queue, key)?,
        OrderingMode::Loose => first_due(session, queue, key)?,
    };
    admit(session, next)
}

/// The admitted job of a key was put back: in loose mode it lines up and the choice is made anew.
pub(crate) fn rejoin(
    session: &Session<'_>,
    job: i64,
    run_at: i64,
    queue: &str,
    key: &str,
) -> Result<()> {
    if queues::ordering(session, queue)? == OrderingMode::Loose {
        wait(session, job, run_at)?;
        admit(session, first_due(session, queue, key)?)?;
    }
    Ok(())
}

fn admit(session: &Session<'_>, next: Option<(i64, i64)>) -> Result<()> {
    if let Some((job, run_at)) = next {
        session.execute(sql!("turn", "turn_mark"), [job, 1, run_at])?;
        session.execute(sql!("turn", "turn_set"), params![job, codes::READY])?;
        session.became_claimable(run_at);
    }
    Ok(())
}

fn wait(session: &Session<'_>, job: i64, run_at: i64) -> Result<()> {
    session.execute(sql!("turn", "turn_mark"), [job, 0, run_at])?;
    session.execute(sql!("turn", "turn_set"), params![job, codes::WAITING])?;
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
    let mut of_level = |priority: Priority| {
        statement
            .query_row(params![queue, key, priority.get()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
    };
    let mut later: Vec<(i64, i64)> = Vec::new();
    for priority in Priority::descending() {
        let Some((id, run_at)) = of_level(priority)? else {
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
