//! Figures at bounded cost: no count goes on beyond the cap.

use std::collections::{BTreeMap, BTreeSet};

use queue_core::{
    Count, KindName, NotificationState, OutboxStats, QueueName, QueueStats, STATS_COUNT_CAP, Stats,
    Timestamp, codes,
};
use rusqlite::{OptionalExtension, Params, params};

use crate::fault::Result;
use crate::ops::{outbox, sweep};
use crate::session::Session;
use crate::sql::sql;

/// How much there is of what.
pub(crate) fn stats(session: &Session<'_>) -> Result<Stats> {
    let mut names: BTreeSet<String> = sweep::running_queues(session)?.into_iter().collect();
    names.extend(queues(session, sql!("stats", "stats_next_ready_queue"))?);
    names.extend(queues(session, sql!("stats", "stats_next_waiting_queue"))?);
    let queues = names
        .into_iter()
        .map(|name| queue(session, &name))
        .collect::<Result<_>>()?;
    let notifications = |state| notifications(session, state);
    Ok(Stats {
        queues,
        awaiting_delivery: count(session, sql!("stats", "stats_awaiting"), [STATS_COUNT_CAP])?,
        dead: count(session, sql!("stats", "stats_letters"), [STATS_COUNT_CAP])?,
        notifications_pending: notifications(NotificationState::Pending)?,
        notifications_in_doubt: notifications(NotificationState::InDoubt)?,
    })
}

fn notifications(session: &Session<'_>, state: NotificationState) -> Result<Count> {
    count(
        session,
        sql!("stats", "stats_notifications"),
        params![codes::notification_code(state), STATS_COUNT_CAP],
    )
}

/// How many outbox rows are where, and for how long.
pub(crate) fn outbox(session: &Session<'_>) -> Result<OutboxStats> {
    let mut due = session.prepare(sql!("stats", "stats_oldest_due"))?;
    let mut first: Option<i64> = None;
    for channel in outbox::pending_channels(session)? {
        let run_at = due
            .query_row([channel.as_str()], |row| row.get(0))
            .optional()?;
        first = first.into_iter().chain(run_at).min();
    }
    let doubt = session
        .prepare(sql!("stats", "stats_oldest_doubt"))?
        .query_row([], |row| row.get(0))
        .optional()?;
    let ago = |at| session.now().since(Timestamp::from_micros(at));
    Ok(OutboxStats {
        pending: notifications(session, NotificationState::Pending)?,
        sending: notifications(session, NotificationState::Sending)?,
        in_doubt: notifications(session, NotificationState::InDoubt)?,
        failed: notifications(session, NotificationState::Failed)?,
        lag: first.filter(|at| *at <= session.micros()).map(ago),
        oldest_doubt: doubt.map(ago),
    })
}

fn queues(session: &Session<'_>, next: &'static str) -> Result<Vec<String>> {
    let mut statement = session.prepare(next)?;
    let mut names: Vec<String> = Vec::new();
    loop {
        let last = names.last().map_or("", String::as_str);
        match statement.query_row([last], |row| row.get(0)).optional()? {
            Some(name) => names.push(name),
            None => return Ok(names),
        }
    }
}

fn count(session: &Session<'_>, sql: &'static str, params: impl Params) -> Result<Count> {
    let counted = session.prepare(sql)?.query_row(params, |row| row.get(0))?;
    Ok(Count::up_to_cap(counted))
}

fn queue(session: &Session<'_>, name: &str) -> Result<QueueStats> {
    let Runs {
        ready,
        scheduled,
        oldest,
        kinds,
    } = runs(session, name)?;
    let capped = ready >= STATS_COUNT_CAP;
    let kinds = kinds
        .into_iter()
        .map(|(kind, counted)| Ok((KindName::new(&kind)?, Count { counted, capped })));
    Ok(QueueStats {
        queue: QueueName::new(name)?,
        ready: Count::up_to_cap(ready),
        scheduled: Count::up_to_cap(scheduled),
        waiting: count(
            session,
            sql!("stats", "stats_waiting"),
            params![name, STATS_COUNT_CAP],
        )?,
        running: count(
            session,
            sql!("stats", "stats_running"),
            params![name, STATS_COUNT_CAP],
        )?,
        oldest_ready: oldest.map(|run_at| session.now().since(Timestamp::from_micros(run_at))),
        kinds: kinds.collect::<Result<_>>()?,
    })
}

/// What the runs of the ready index hold in one queue.
#[derive(Default)]
struct Runs {
    ready: u32,
    scheduled: u32,
    /// The earliest time of a ready job.
    oldest: Option<i64>,
    /// How many of the ready ones are of which kind.
    kinds: BTreeMap<String, u32>,
}

/// Ready and scheduled jobs over all runs of the index.
fn runs(session: &Session<'_>, name: &str) -> Result<Runs> {
    let mut list = session.prepare(sql!("stats", "stats_runs"))?;
    let mut due = session.prepare(sql!("stats", "stats_ready"))?;
    let mut later = session.prepare(sql!("stats", "stats_scheduled"))?;
    let mut found = Runs::default();
    let mut rows = list.query([name])?;
    while let Some(row) = rows.next()? {
        let (kind, tenanted, priority): (String, bool, i64) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let now = session.micros();
        // A run is always asked, at the cost of one row, since it may hold the oldest job.
        let room = STATS_COUNT_CAP.saturating_sub(found.ready).max(1);
        let (count, first): (u32, Option<i64>) = due
            .query_row(params![name, kind, tenanted, priority, now, room], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        found.ready += count;
        found.oldest = found.oldest.into_iter().chain(first).min();
        if found.scheduled < STATS_COUNT_CAP {
            let room = STATS_COUNT_CAP - found.scheduled;
            found.scheduled += later
                .query_row(params![name, kind, tenanted, priority, now, room], |row| {
                    row.get::<_, u32>(0)
                })?;
        }
        if count > 0 {
            *found.kinds.entry(kind).or_default() += count;
        }
    }
    Ok(found)
}
