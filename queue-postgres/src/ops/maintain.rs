//! An end for what was kept long enough, besides history.

use queue_core::{Kept, Maintained, Portion, QueueName, Retention, RetentionSort, codes};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::fault::Result;
use crate::micros::Micros;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Removes at most `limit` rows of each sort but history.
pub(crate) async fn prune(
    session: &mut Session<'_>,
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
        let gone = of_sort(session, retention, portion).await?;
        let more = done.more || gone.more;
        done = done.and(gone);
        done.more = more;
    }
    Ok(done)
}

/// Removes a portion of one sort; of history nothing: that is thinned.
pub(crate) async fn of_sort(
    session: &mut Session<'_>,
    retention: &Retention,
    portion: Portion,
) -> Result<Maintained> {
    let Portion { sort, limit, skip } = portion;
    let before = retention.kept(sort, None).before(session.now()?);
    let before = before.map(Micros);
    let part = (i64::from(limit), i64::from(skip));
    let mut done = Maintained::default();
    let mut goes_on = false;
    match (sort, before) {
        (RetentionSort::ResolvedLetters | RetentionSort::DiscardedLetters, _) => {
            done.dead_letters = letters(session, retention, sort, part).await?;
        }
        (RetentionSort::Keys, _) => {
            let caps;
            (done.keys, caps) = keys(session, retention, part).await?;
            goes_on = caps >= u64::from(limit);
        }
        (RetentionSort::Subjects, Some(before)) => {
            let subjects = session.statement(sql!("maintain", "maintain_subjects"));
            let subjects = subjects.bind(before).bind(part.0).bind(part.1);
            done.subjects = session.execute(subjects).await?;
        }
        (RetentionSort::Notifications, Some(before)) => {
            done.notifications = notifications(session, before, part).await?;
        }
        (RetentionSort::Replays, Some(before)) => {
            done.replays = runs(session, before, part).await?;
        }
        (RetentionSort::Suppressions, Some(before)) => {
            let over = session.statement(sql!("maintain", "maintain_suppressions"));
            let over = over.bind(before).bind(part.0).bind(part.1);
            done.suppressions = session.execute(over).await?;
        }
        // The audit trail is sealed first.
        _ => {}
    }
    done.more = goes_on || done.total() >= u64::from(limit);
    Ok(done)
}

/// Keys that are forgotten, and how many had their time cut to what an operator allows.
async fn keys(
    session: &mut Session<'_>,
    retention: &Retention,
    (limit, skip): (i64, i64),
) -> Result<(u64, u64)> {
    let now = session.now()?;
    let mut capped = 0;
    if let Kept::For(cap) = retention.kept(RetentionSort::Keys, None) {
        let cut = session
            .statement(sql!("maintain", "maintain_cap_keys"))
            .bind(Micros(now + cap))
            .bind(limit);
        capped = session.execute(cut).await?;
    }
    let forget = session
        .statement(sql!("maintain", "maintain_keys"))
        .bind(Micros(now))
        .bind(limit)
        .bind(skip);
    Ok((session.execute(forget).await?, capped))
}

/// Closed letters, queue by queue, with the stages of the jobs that lie in them. The same number is stepped
/// over in each queue.
async fn letters(
    session: &mut Session<'_>,
    retention: &Retention,
    sort: RetentionSort,
    (limit, skip): (i64, i64),
) -> Result<u64> {
    let now = session.now()?;
    let mut left = limit;
    let mut gone = Vec::new();
    for (_, state) in codes::closed_letters()
        .into_iter()
        .filter(|(of, _)| *of == sort)
    {
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
                .bind(left)
                .bind(skip);
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
async fn notifications(
    session: &mut Session<'_>,
    before: Micros,
    (limit, skip): (i64, i64),
) -> Result<u64> {
    let settled = session.statement(sql!("maintain", "maintain_notifications"));
    let settled = numbers(
        &session
            .rows(settled.bind(before).bind(limit).bind(skip))
            .await?,
    )?;
    let count = u64::try_from(settled.len()).unwrap_or(u64::MAX);
    let events = session.statement(sql!("maintain", "maintain_events"));
    session.execute(events.bind(settled)).await?;
    Ok(count)
}

/// Items of runs that are over, and runs that have none left.
async fn runs(session: &mut Session<'_>, before: Micros, (limit, skip): (i64, i64)) -> Result<u64> {
    let over = session.statement(sql!("maintain", "maintain_over_runs"));
    let over = numbers(&session.rows(over.bind(before).bind(limit + skip)).await?)?;
    // With an OFFSET the planner would read all of them while there are few.
    let over = over
        .into_iter()
        .skip(usize::try_from(skip).unwrap_or(usize::MAX));
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
