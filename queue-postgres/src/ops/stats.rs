//! Figures at bounded cost.

use queue_core::{
    Count, KindName, OutboxStats, Priority, QueueName, QueueStats, STATS_COUNT_CAP, Stats,
    Timestamp,
};

use crate::fault::Result;
use crate::micros::Micros;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

fn capped(count: i64) -> Count {
    Count::up_to_cap(u32::try_from(count).unwrap_or(STATS_COUNT_CAP))
}

/// How much there is of what.
pub(crate) async fn stats(session: &mut Session<'_>) -> Result<Stats> {
    let queues = session.statement(sql!("stats", "stats_queues"));
    let mut stats = Stats::default();
    for row in &session.rows(queues).await? {
        let queue = Columns::of(row).name()?;
        stats.queues.push(of_queue(session, queue).await?);
    }
    let rest = session
        .statement(sql!("stats", "stats_rest"))
        .bind(i64::from(STATS_COUNT_CAP));
    let row = session.one(rest).await?;
    let mut row = Columns::of(&row);
    stats.awaiting_delivery = capped(row.value()?);
    stats.dead = capped(row.value()?);
    stats.notifications_pending = capped(row.value()?);
    stats.notifications_in_doubt = capped(row.value()?);
    Ok(stats)
}

/// How many outbox rows are where, and for how long.
pub(crate) async fn outbox(session: &mut Session<'_>) -> Result<OutboxStats> {
    let statement = session
        .statement(sql!("stats", "stats_outbox"))
        .bind(i64::from(STATS_COUNT_CAP))
        .bind(session.time());
    let row = session.one(statement).await?;
    let mut row = Columns::of(&row);
    let (pending, sending) = (capped(row.value()?), capped(row.value()?));
    let (in_doubt, failed) = (capped(row.value()?), capped(row.value()?));
    let (due, doubt, now) = (row.maybe_time()?, row.maybe_time()?, row.time()?);
    Ok(OutboxStats {
        pending,
        sending,
        in_doubt,
        failed,
        lag: due.filter(|at| *at <= now).map(|at| now.since(at)),
        oldest_doubt: doubt.map(|at| now.since(at)),
    })
}

async fn of_queue(session: &mut Session<'_>, queue: QueueName) -> Result<QueueStats> {
    let levels: Vec<_> = Priority::descending().map(Priority::get).collect();
    let statement = session
        .statement(sql!("stats", "stats_queue"))
        .bind(queue.as_str())
        .bind(session.time())
        .bind(levels)
        .bind(i64::from(STATS_COUNT_CAP));
    let row = session.one(statement).await?;
    let mut row = Columns::of(&row);
    let (ready, scheduled) = (capped(row.value()?), capped(row.value()?));
    let (waiting, running) = (capped(row.value()?), capped(row.value()?));
    let (oldest, now) = (row.maybe_time()?, row.time()?);
    let kinds = kinds(session, &queue, now).await?;
    Ok(QueueStats {
        queue,
        ready,
        scheduled,
        waiting,
        running,
        oldest_ready: oldest.map(|oldest| now.since(oldest)),
        kinds,
    })
}

async fn kinds(
    session: &mut Session<'_>,
    queue: &QueueName,
    now: Timestamp,
) -> Result<Vec<(KindName, Count)>> {
    let levels: Vec<_> = Priority::descending().map(Priority::get).collect();
    let statement = session
        .statement(sql!("stats", "stats_kinds"))
        .bind(queue.as_str())
        .bind(Micros(now))
        .bind(levels)
        .bind(i64::from(STATS_COUNT_CAP));
    let read = |row| {
        let mut row = Columns::of(row);
        let (kind, counted) = (row.name()?, capped(row.value()?).counted);
        Ok((kind, counted))
    };
    let rows = session.rows(statement).await?;
    let found = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    let capped = found.iter().map(|(_, counted)| counted).sum::<u32>() >= STATS_COUNT_CAP;
    Ok(found
        .into_iter()
        .map(|(kind, counted)| (kind, Count { counted, capped }))
        .collect())
}
