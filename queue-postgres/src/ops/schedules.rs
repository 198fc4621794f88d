//! Jobs by the clock: what is stored of schedules, and firing them.

use std::time::Duration;

use queue_core::{
    Act, AuditEntry, Cadence, Cron, Fired, Firing, MissedTicks, NewJob, Schedule, ScheduleName,
    ScheduleView,
};
use sqlx::postgres::PgRow;

use crate::fault::{Fault, Result};
use crate::micros::{Micros, micros};
use crate::ops::enqueue::Road;
use crate::ops::{audit, enqueue};
use crate::row::{Columns, stored_headers, stored_type, stored_version};
use crate::session::Session;
use crate::sql::sql;

fn read(row: &PgRow) -> Result<ScheduleView> {
    let mut columns = Columns::of(row);
    let name: ScheduleName = columns.name()?;
    let wrong = |problem: String| Fault::corrupt(format!("the schedule {name}: {problem}"));
    let (next_tick, last_tick) = (columns.maybe_time()?, columns.maybe_time()?);
    let (paused, missed): (bool, &str) = (columns.value()?, columns.value()?);
    let missed = MissedTicks::from_stored(missed)
        .ok_or_else(|| wrong(format!("there is no policy {missed}")))?;
    let grace = u64::try_from(columns.value::<i64>()?).unwrap_or(0);
    let (cron, zone) = (columns.text()?, columns.text()?);
    let every: Option<i64> = columns.value()?;
    let cadence = match (cron, zone, every.map(u64::try_from)) {
        (Some(cron), Some(zone), None) => Cadence::cron(cron, zone),
        (None, None, Some(Ok(every))) => Cadence::every(Duration::from_micros(every)),
        _ => return Err(wrong("it has no cadence".to_owned())),
    };
    let cadence = cadence.map_err(|error| wrong(error.to_string()))?;
    let (queue, kind) = (columns.name()?, columns.name()?);
    let (priority, max_attempts) = (columns.priority()?, columns.count()?);
    let (tenant, ordering_key) = (columns.maybe_name()?, columns.maybe_name()?);
    let headers = columns.headers()?;
    let mut job = NewJob::new(queue, kind, columns.payload()?).priority(priority);
    job.max_attempts = max_attempts;
    job.tenant = tenant;
    job.ordering_key = ordering_key;
    job.headers = headers;
    let schedule = Schedule::new(name.clone(), cadence, job)
        .map_err(|error| wrong(error.to_string()))?
        .missed(missed)
        .grace(Duration::from_micros(grace));
    Ok(ScheduleView {
        schedule: if paused { schedule.paused() } else { schedule },
        next_tick,
        last_tick,
    })
}

/// All schedules by name.
pub(crate) async fn all(session: &mut Session<'_>) -> Result<Vec<ScheduleView>> {
    let statement = session.statement(sql!("schedules", "schedules_all"));
    session.rows(statement).await?.iter().map(read).collect()
}

async fn one(session: &mut Session<'_>, name: &ScheduleName) -> Result<Option<ScheduleView>> {
    let statement = session
        .statement(sql!("schedules", "schedules_one"))
        .bind(name.as_str());
    session
        .maybe(statement)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// As [`one`], locked until the commit.
async fn hold(session: &mut Session<'_>, name: &ScheduleName) -> Result<Option<ScheduleView>> {
    let statement = session
        .statement(sql!("schedules", "schedules_hold"))
        .bind(name.as_str());
    session
        .maybe(statement)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

async fn write(session: &mut Session<'_>, view: &ScheduleView) -> Result<()> {
    let schedule = &view.schedule;
    let (cron, every) = match schedule.cadence() {
        Cadence::Cron(cron) => (Some(cron), None),
        Cadence::Every(interval) => (None, Some(micros(interval.get()))),
    };
    let job = schedule.job();
    let statement = session
        .statement(sql!("schedules", "schedules_put"))
        .bind(schedule.name().as_str())
        .bind(view.next_tick.map(Micros))
        .bind(view.last_tick.map(Micros))
        .bind(schedule.is_paused())
        .bind(schedule.missed_ticks().as_str())
        .bind(micros(schedule.grace_period()))
        .bind(cron.map(Cron::expression))
        .bind(cron.map(Cron::zone))
        .bind(every)
        .bind(job.queue.as_str())
        .bind(job.kind.as_str())
        .bind(job.priority.get())
        .bind(i32::from(job.max_attempts))
        .bind(job.tenant.as_ref().map(AsRef::<str>::as_ref))
        .bind(job.ordering_key.as_ref().map(AsRef::<str>::as_ref))
        .bind(stored_headers(&job.headers)?)
        .bind(stored_version(&job.payload))
        .bind(stored_type(&job.payload))
        .bind(job.payload.bytes().as_ref());
    session.execute(statement).await.map(drop)
}

/// Creates or changes a schedule, on record. One that is so already is read without a lock, since
/// every process that starts asks for it.
pub(crate) async fn put(
    session: &mut Session<'_>,
    schedule: &Schedule,
    act: &Act,
) -> Result<ScheduleView> {
    let now = session.now()?;
    if let Some(stored) = one(session, schedule.name()).await?
        && stored.changed_to(schedule, now).is_none()
    {
        return Ok(stored);
    }
    let lock = session.statement(sql!("schedules", "schedules_lock"));
    session.execute(lock).await?;
    let after = match hold(session, schedule.name()).await? {
        None => ScheduleView::created(schedule, now),
        Some(before) => match before.changed_to(schedule, now) {
            None => return Ok(before),
            Some(after) => after,
        },
    };
    write(session, &after).await?;
    audit::record(session, AuditEntry::put_schedule(act, &after.schedule)).await?;
    Ok(after)
}

/// Lets a schedule rest or go on, on record.
pub(crate) async fn pause(
    session: &mut Session<'_>,
    name: &ScheduleName,
    paused: bool,
    act: &Act,
) -> Result<Option<ScheduleView>> {
    let Some(before) = hold(session, name).await? else {
        return Ok(None);
    };
    let Some(after) = before.with_pause(paused, session.now()?) else {
        return Ok(Some(before));
    };
    write(session, &after).await?;
    audit::record(session, AuditEntry::pause_schedule(act, name, paused)).await?;
    Ok(Some(after))
}

/// Removes a schedule, on record. It is not read: one that this build cannot read can be removed.
pub(crate) async fn remove(
    session: &mut Session<'_>,
    name: &ScheduleName,
    act: &Act,
) -> Result<bool> {
    let statement = session
        .statement(sql!("schedules", "schedules_remove"))
        .bind(name.as_str());
    let removed = session.execute(statement).await? > 0;
    if removed {
        audit::record(session, AuditEntry::remove_schedule(act, name)).await?;
    }
    Ok(removed)
}

/// Moves a schedule on and enqueues what its ticks bring, if it is still as it was planned for.
pub(crate) async fn fire(session: &mut Session<'_>, firing: &Firing) -> Result<Fired> {
    let name = firing.schedule().name();
    let stored = hold(session, name).await?;
    if !stored.is_some_and(|stored| firing.applies_to(&stored)) {
        return Ok(Fired::Overtaken);
    }
    let statement = session
        .statement(sql!("schedules", "schedules_move"))
        .bind(name.as_str())
        .bind(firing.next_tick().map(Micros))
        .bind(firing.last_tick().map(Micros));
    session.execute(statement).await?;
    let jobs = firing.jobs();
    let enqueued = match enqueue::road(&jobs) {
        _ if jobs.is_empty() => Vec::new(),
        Road::Plain => enqueue::enqueue_plain(session, &jobs).await?,
        _ => enqueue::enqueue(session, &jobs).await?,
    };
    Ok(Fired::Applied(enqueued))
}
