//! Removing what its retention has ended for, page by page.

use queue_core::{Kept, Maintained, QueueName, Retention, RetentionSort, codes};
use rusqlite::params;

use crate::fault::Result;
use crate::ops::thinning;
use crate::session::Session;
use crate::sql::sql;

/// Removes at most about `limit` rows of a sort.
pub(crate) fn maintain(
    session: &Session<'_>,
    retention: &Retention,
    limit: u32,
) -> Result<Maintained> {
    let before = |sort| {
        let before = retention.kept(sort, None).before(session.now());
        before.map(queue_core::Timestamp::as_micros)
    };
    let (history, walks) = history(session, retention, limit)?;
    let (keys, caps) = keys(session, retention, limit)?;
    let mut done = Maintained {
        history,
        keys,
        dead_letters: letters(session, retention, limit)?,
        ..Maintained::default()
    };
    if let Some(before) = before(RetentionSort::Notifications) {
        done.notifications = notifications(session, before, limit)?;
    }
    if let Some(before) = before(RetentionSort::Subjects) {
        done.subjects = removed(session.execute(
            sql!("maintain", "maintain_subjects"),
            params![before, limit],
        )?);
    }
    if let Some(before) = before(RetentionSort::Replays) {
        done.replays = runs(session, before, limit)?;
    }
    if let Some(before) = before(RetentionSort::Suppressions) {
        done.suppressions = removed(session.execute(
            sql!("maintain", "maintain_suppressions"),
            params![before, limit],
        )?);
    }
    let counts = [
        history,
        caps,
        done.keys,
        done.dead_letters,
        done.notifications,
        done.subjects,
        done.replays,
        done.suppressions,
    ];
    done.more = walks || counts.into_iter().any(|count| count >= u64::from(limit));
    Ok(done)
}

fn removed(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

fn left(limit: u32, gone: u64) -> u32 {
    limit.saturating_sub(u32::try_from(gone).unwrap_or(limit))
}

/// Finished jobs, and whether there are more to go through.
fn history(session: &Session<'_>, retention: &Retention, limit: u32) -> Result<(u64, bool)> {
    let shares = retention.shares(RetentionSort::History);
    if let [only] = shares.as_slice() {
        let Some(before) = only.kept.before(session.now()) else {
            return Ok((0, false));
        };
        return Ok((ended(session, before.as_micros(), limit)?, false));
    }
    let (mut removed, mut more) = (0, false);
    for share in &shares {
        let (went, goes_on) = thinning::thin_out(session, share, limit)?;
        removed += went;
        more |= goes_on;
    }
    Ok((removed, more))
}

/// Finished jobs where one rule holds for all.
fn ended(session: &Session<'_>, before: i64, limit: u32) -> Result<u64> {
    let ended: Vec<i64> = session
        .prepare(sql!("maintain", "maintain_ended"))?
        .query_map(params![before, limit], |row| row.get(0))?
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
fn keys(session: &Session<'_>, retention: &Retention, limit: u32) -> Result<(u64, u64)> {
    let capped = match retention.kept(RetentionSort::Keys, None) {
        Kept::For(cap) => session.execute(
            sql!("maintain", "maintain_cap_keys"),
            params![(session.now() + cap).as_micros(), limit],
        )?,
        Kept::Forever => 0,
    };
    let forgotten = session.execute(
        sql!("maintain", "maintain_keys"),
        params![session.micros(), limit],
    )?;
    Ok((removed(forgotten), removed(capped)))
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

/// Closed letters, queue by queue.
fn letters(session: &Session<'_>, retention: &Retention, limit: u32) -> Result<u64> {
    let mut gone = 0;
    for (sort, state) in codes::closed_letters() {
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
                gone += closed(session, of, left)?;
            }
        }
    }
    Ok(gone)
}

/// Closed letters with their evidence, and with the stages of the jobs that lie in them.
fn closed(
    session: &Session<'_>,
    (state, queue, before): (i16, &str, i64),
    limit: u32,
) -> Result<u64> {
    let closed: Vec<(i64, bool)> = session
        .prepare(sql!("maintain", "maintain_closed_letters"))?
        .query_map(params![state, queue, before, limit], |row| {
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
fn runs(session: &Session<'_>, before: i64, limit: u32) -> Result<u64> {
    let over: Vec<i64> = session
        .prepare(sql!("maintain", "maintain_over_runs"))?
        .query_map(params![before, limit], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut items = 0;
    for run in over {
        let left = left(limit, items);
        if left == 0 {
            break;
        }
        items += removed(session.execute(sql!("maintain", "maintain_items"), params![run, left])?);
        session.execute(sql!("maintain", "maintain_drop_run"), [run])?;
    }
    Ok(items)
}
