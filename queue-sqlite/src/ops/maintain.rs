//! Removing what its retention has ended for, page by page.

use queue_core::{Kept, Maintained, Portion, QueueName, Retention, RetentionSort, codes};
use rusqlite::params;

use crate::fault::Result;
use crate::ops::thinning;
use crate::session::Session;
use crate::sql::sql;

/// Removes at most about `limit` rows of each sort.
pub(crate) fn maintain(
    session: &Session<'_>,
    retention: &Retention,
    limit: u32,
) -> Result<Maintained> {
    let mut done = Maintained::default();
    for sort in RetentionSort::ALL {
        let portion = Portion {
            sort,
            limit,
            skip: 0,
        };
        let gone = of_sort(session, retention, portion)?;
        let more = done.more || gone.more;
        done = done.and(gone);
        done.more = more;
    }
    Ok(done)
}

/// Removes a portion of one sort.
pub(crate) fn of_sort(
    session: &Session<'_>,
    retention: &Retention,
    portion: Portion,
) -> Result<Maintained> {
    let Portion { sort, limit, .. } = portion;
    let before = retention.kept(sort, None).before(session.now());
    let before = before.map(queue_core::Timestamp::as_micros);
    let mut done = Maintained::default();
    let mut goes_on = false;
    match (sort, before) {
        (RetentionSort::History, _) => {
            (done.history, goes_on) = history(session, retention, portion)?;
        }
        (RetentionSort::ResolvedLetters | RetentionSort::DiscardedLetters, _) => {
            done.dead_letters = letters(session, retention, portion)?;
        }
        (RetentionSort::Keys, _) => {
            let caps;
            (done.keys, caps) = keys(session, retention, portion)?;
            goes_on = caps >= u64::from(limit);
        }
        (RetentionSort::Notifications, Some(before)) => {
            done.notifications = notifications(session, before, portion)?;
        }
        (RetentionSort::Subjects, Some(before)) => {
            let old = params![before, limit, portion.skip];
            done.subjects = removed(session.execute(sql!("maintain", "maintain_subjects"), old)?);
        }
        (RetentionSort::Replays, Some(before)) => done.replays = runs(session, before, portion)?,
        (RetentionSort::Suppressions, Some(before)) => {
            let over = params![before, limit, portion.skip];
            let statement = sql!("maintain", "maintain_suppressions");
            done.suppressions = removed(session.execute(statement, over)?);
        }
        // The audit trail is sealed first.
        _ => {}
    }
    done.more = goes_on || done.total() >= u64::from(limit);
    Ok(done)
}

fn removed(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

fn left(limit: u32, gone: u64) -> u32 {
    limit.saturating_sub(u32::try_from(gone).unwrap_or(limit))
}

/// Finished jobs, and whether there are more to go through.
fn history(session: &Session<'_>, retention: &Retention, portion: Portion) -> Result<(u64, bool)> {
    let shares = retention.shares(RetentionSort::History);
    if let [only] = shares.as_slice() {
        let Some(before) = only.kept.before(session.now()) else {
            return Ok((0, false));
        };
        return Ok((ended(session, before.as_micros(), portion)?, false));
    }
    let (mut removed, mut more) = (0, false);
    for share in &shares {
        let (went, goes_on) = thinning::thin_out(session, share, portion.limit)?;
        removed += went;
        more |= goes_on;
    }
    Ok((removed, more))
}

/// Finished jobs where one rule holds for all.
fn ended(session: &Session<'_>, before: i64, portion: Portion) -> Result<u64> {
    let part = params![before, portion.limit, portion.skip];
    let ended: Vec<i64> = session
        .prepare(sql!("maintain", "maintain_ended"))?
        .query_map(part, |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in &ended {
        drop_finished(session, *id)?;
    }
    Ok(removed(ended.len()))
}

/// A finished job, and what else there is of it unless a letter still remembers it.
pub(crate) fn drop_finished(session: &Session<'_>, id: i64) -> Result<()> {
    session.execute(sql!("maintain", "maintain_drop_history"), [id])?;
    drop_body(session, id)
}

fn drop_body(session: &Session<'_>, id: i64) -> Result<()> {
    if session.execute(sql!("maintain", "maintain_drop_body"), [id])? == 1 {
        session.execute(sql!("maintain", "maintain_drop_progress"), [id])?;
    }
    Ok(())
}

/// Keys that are forgotten, and how many had their time cut to what an operator allows.
fn keys(session: &Session<'_>, retention: &Retention, portion: Portion) -> Result<(u64, u64)> {
    let capped = match retention.kept(RetentionSort::Keys, None) {
        Kept::For(cap) => session.execute(
            sql!("maintain", "maintain_cap_keys"),
            params![(session.now() + cap).as_micros(), portion.limit],
        )?,
        Kept::Forever => 0,
    };
    let forgotten = session.execute(
        sql!("maintain", "maintain_keys"),
        params![session.micros(), portion.limit, portion.skip],
    )?;
    Ok((removed(forgotten), removed(capped)))
}

/// Settled notifications with their history.
fn notifications(session: &Session<'_>, before: i64, portion: Portion) -> Result<u64> {
    let part = params![before, portion.limit, portion.skip];
    let settled: Vec<i64> = session
        .prepare(sql!("maintain", "maintain_notifications"))?
        .query_map(part, |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in &settled {
        session.execute(sql!("maintain", "maintain_drop_events"), [id])?;
    }
    Ok(removed(settled.len()))
}

/// Closed letters, queue by queue. The same number is stepped over in each.
fn letters(session: &Session<'_>, retention: &Retention, portion: Portion) -> Result<u64> {
    let Portion { sort, limit, skip } = portion;
    let mut gone = 0;
    for (_, state) in codes::closed_letters()
        .into_iter()
        .filter(|(of, _)| *of == sort)
    {
        let queues: Vec<String> = session
            .prepare(sql!("maintain", "maintain_closed_queues"))?
            .query_map([state], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for queue in queues {
            let queue = QueueName::new(queue)?;
            let kept = retention.kept(sort, Some(&queue));
            let left = left(limit, gone);
            if let Some(before) = kept.before(session.now()) {
                let of = (state, queue.as_str(), before.as_micros());
                gone += closed(session, of, (left, skip))?;
            }
        }
    }
    Ok(gone)
}

/// Closed letters with their evidence, and with the stages of the jobs that lie in them.
fn closed(
    session: &Session<'_>,
    (state, queue, before): (i16, &str, i64),
    (limit, skip): (u32, u32),
) -> Result<u64> {
    let closed: Vec<(i64, bool)> = session
        .prepare(sql!("maintain", "maintain_closed_letters"))?
        .query_map(params![state, queue, before, limit, skip], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
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

/// Items of runs that are over, and runs that have none left.
fn runs(session: &Session<'_>, before: i64, portion: Portion) -> Result<u64> {
    let part = params![before, portion.limit, portion.skip];
    let over: Vec<i64> = session
        .prepare(sql!("maintain", "maintain_over_runs"))?
        .query_map(part, |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut items = 0;
    for run in over {
        let left = left(portion.limit, items);
        if left == 0 {
            break;
        }
        items += removed(session.execute(sql!("maintain", "maintain_items"), params![run, left])?);
        session.execute(sql!("maintain", "maintain_drop_run"), [run])?;
    }
    Ok(items)
}
