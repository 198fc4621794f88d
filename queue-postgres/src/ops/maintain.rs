//! An end for what was kept long enough, besides history.

use queue_core::{Kept, Maintained, QueueName, Retention, RetentionSort, codes};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::fault::Result;
use crate::micros::Micros;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Removes at most `limit` rows of a sort.
pub(crate) async fn prune(
    session: &mut Session<'_>,
    retention: &Retention,
    limit: u32,
) -> Result<Maintained> {
    let now = session.now()?;
    let (keys, caps) = keys(session, retention, limit).await?;
    let mut done = Maintained {
        keys,
        dead_letters: letters(session, retention, limit).await?,
        ..Maintained::default()
    };
    let before = |sort| retention.kept(sort, None).before(now).map(Micros);
    let rows = i64::from(limit);
    if let Some(before) = before(RetentionSort::Subjects) {
        let subjects = session.statement(sql!("maintain", "maintain_subjects"));
        done.subjects = session.execute(subjects.bind(before).bind(rows)).await?;
    }
    if let Some(before) = before(RetentionSort::Notifications) {
        done.notifications = notifications(session, before, rows).await?;
    }
    if let Some(before) = before(RetentionSort::Replays) {
        done.replays = runs(session, before, rows).await?;
    }
    if let Some(before) = before(RetentionSort::Suppressions) {
        let over = session.statement(sql!("maintain", "maintain_suppressions"));
        done.suppressions = session.execute(over.bind(before).bind(rows)).await?;
    }
    let counts = [
        caps,
        done.keys,
        done.dead_letters,
        done.subjects,
        done.notifications,
        done.replays,
        done.suppressions,
    ];
    done.more = counts.into_iter().any(|count| count >= u64::from(limit));
    Ok(done)
}

/// Keys that are forgotten, and how many had their time cut to what an operator allows.
async fn keys(session: &mut Session<'_>, retention: &Retention, limit: u32) -> Result<(u64, u64)> {
    let now = session.now()?;
    let mut capped = 0;
    if let Kept::For(cap) = retention.kept(RetentionSort::Keys, None) {
        let cut = session
            .statement(sql!("maintain", "maintain_cap_keys"))
            .bind(Micros(now + cap))
            .bind(i64::from(limit));
        capped = session.execute(cut).await?;
    }
    let forget = session
        .statement(sql!("maintain", "maintain_keys"))
        .bind(Micros(now))
        .bind(i64::from(limit));
    Ok((session.execute(forget).await?, capped))
}

/// Closed letters, queue by queue, with the stages of the jobs that lie in them.
async fn letters(session: &mut Session<'_>, retention: &Retention, limit: u32) -> Result<u64> {
    let now = session.now()?;
    let mut left = i64::from(limit);
    let mut gone = Vec::new();
    for (sort, state) in codes::closed_letters() {
        let queues = session.statement(sql!("maintain", "maintain_closed_queues"));
        for row in &session.rows(queues.bind(state)).await? {
            let queue: QueueName = Columns::of(row).name()?;
            let Some(before) = retention.kept(sort, Some(&queue)).before(now) else {
                continue;
            };
            let closed = session
                .statement(sql!("maintain", "maintain_letters"))
                .bind(state)
                .bind(queue.as_str())
                .bind(Micros(before))
                .bind(left);
            let closed = numbers(&session.rows(closed).await?)?;
            left -= i64::try_from(closed.len()).unwrap_or(left);
            gone.extend(closed);
        }
    }
    let count = u64::try_from(gone.len()).unwrap_or(u64::MAX);
    let stages = session.statement(sql!("maintain", "maintain_stages"));
    session.execute(stages.bind(gone)).await?;
    Ok(count)
}

/// Settled notifications with their history.
async fn notifications(session: &mut Session<'_>, before: Micros, limit: i64) -> Result<u64> {
    let settled = session.statement(sql!("maintain", "maintain_notifications"));
    let settled = numbers(&session.rows(settled.bind(before).bind(limit)).await?)?;
    let count = u64::try_from(settled.len()).unwrap_or(u64::MAX);
    let events = session.statement(sql!("maintain", "maintain_events"));
    session.execute(events.bind(settled)).await?;
    Ok(count)
}

/// Items of runs that are over, and runs that have none left.
async fn runs(session: &mut Session<'_>, before: Micros, limit: i64) -> Result<u64> {
    let over = session.statement(sql!("maintain", "maintain_over_runs"));
    let over = numbers(&session.rows(over.bind(before).bind(limit)).await?)?;
    let (mut left, mut items) = (limit, 0);
    for run in over {
        if left <= 0 {
            break;
        }
        let some = session.statement(sql!("maintain", "maintain_items"));
        let removed = session.execute(some.bind(run).bind(left)).await?;
        items += removed;
        left -= i64::try_from(removed).unwrap_or(left);
        let empty = session.statement(sql!("maintain", "maintain_drop_run"));
        session.execute(empty.bind(run)).await?;
    }
    Ok(items)
}

fn numbers(rows: &[PgRow]) -> Result<Vec<i64>> {
    let number = |row: &PgRow| Ok(row.try_get_unchecked(0)?);
    rows.iter().map(number).collect()
}
