//! Removing finished jobs of queues whose rule is not the only one.

use queue_core::{Share, ShareOf};
use rusqlite::{OptionalExtension, params};

use crate::fault::Result;
use crate::ops::maintain::drop_finished;
use crate::session::Session;
use crate::sql::sql;

/// Goes on along what ended before, from where it got to, over about `limit` jobs. Says how many went,
/// and whether it is not through.
pub(crate) fn thin_out(session: &Session<'_>, share: &Share, limit: u32) -> Result<(u64, bool)> {
    let Some(before) = share.kept.before(session.now()) else {
        return Ok((0, false));
    };
    let scope = share.of.scope();
    let from: Option<(i64, i64)> = session
        .prepare(sql!("thinning", "thinning_from"))?
        .query_row([&scope], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (at, job) = from.unwrap_or((i64::MIN, i64::MIN));
    let walked = walk(session, &share.of, (before.as_micros(), at, job), limit)?;
    let Some(&(at, job, _)) = walked.last() else {
        return Ok((0, false));
    };
    let mut removed = 0;
    for (_, id, _) in walked.iter().filter(|(_, _, taken)| *taken) {
        drop_finished(session, *id)?;
        removed += 1;
    }
    session.execute(sql!("thinning", "thinning_reach"), params![scope, at, job])?;
    Ok((removed, walked.len() >= limit as usize))
}

/// When they finished, which they are, and whether they go.
fn walk(
    session: &Session<'_>,
    of: &ShareOf,
    (before, at, job): (i64, i64, i64),
    limit: u32,
) -> Result<Vec<(i64, i64, bool)>> {
    let mut statement = session.prepare(sql!("thinning", "thinning_walk"))?;
    let walked = statement.query_map(params![before, at, job, limit], |row| {
        let queue: String = row.get(2)?;
        Ok((row.get(0)?, row.get(1)?, of.takes(&queue)))
    })?;
    Ok(walked.collect::<rusqlite::Result<_>>()?)
}
