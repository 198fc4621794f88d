//! Jobs by the clock: what is stored of schedules, and firing them.

use std::time::Duration;

use queue_core::{
    Act, AuditEntry, Cadence, Cron, Fired, Firing, MissedTicks, NewJob, Schedule, ScheduleName,
    ScheduleView, Timestamp,
};
use rusqlite::{Row, params};

use crate::fault::{Fault, Result};
use crate::ops::{audit, enqueue};
use crate::row::{Columns, stored_headers, stored_type};
use crate::session::Session;
use crate::sql::sql;

fn decode(row: &Row<'_>) -> Result<ScheduleView> {
    let mut columns = Columns::of(row);
    let name: ScheduleName = columns.name()?;
    let wrong = |problem: String| Fault::corrupt(format!("the schedule {name}: {problem}"));
    let (next_tick, last_tick) = (columns.maybe_time()?, columns.maybe_time()?);
    let (paused, missed): (bool, String) = (columns.value()?, columns.value()?);
    let missed = MissedTicks::from_stored(&missed)
        .ok_or_else(|| wrong(format!("there is no policy {missed}")))?;
    let grace: u64 = columns.count()?;
    let (cron, zone): (Option<String>, Option<String>) = (columns.value()?, columns.value()?);
    let every: Option<i64> = columns.value()?;
    let cadence = match (cron, zone, every.map(u64::try_from)) {
        (Some(cron), Some(zone), None) => Cadence::cron(&cron, &zone),
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
pub(crate) fn all(session: &Session<'_>) -> Result<Vec<ScheduleView>> {
    let mut statement = session.prepare(sql!("schedules", "schedules_all"))?;
    let mut rows = statement.query([])?;
    let mut schedules = Vec::new();
    while let Some(row) = rows.next()? {
        schedules.push(decode(row)?);
    }
    Ok(schedules)
}

fn one(session: &Session<'_>, name: &ScheduleName) -> Result<Option<ScheduleView>> {
    let mut statement = session.prepare(sql!("schedules", "schedules_one"))?;
    let mut rows = statement.query([name.as_str()])?;
    rows.next()?.map(decode).transpose()
}

fn write(session: &Session<'_>, view: &ScheduleView) -> Result<()> {
    let schedule = &view.schedule;
    let (cron, every) = match schedule.cadence() {
        Cadence::Cron(cron) => (Some(cron), None),
        Cadence::Every(interval) => (None, Some(micros(interval.get()))),
    };
    let job = schedule.job();
    session.execute(
        sql!("schedules", "schedules_put"),
        params![
            schedule.name().as_str(),
            view.next_tick.map(Timestamp::as_micros),
            view.last_tick.map(Timestamp::as_micros),
            schedule.is_paused(),
            schedule.missed_ticks().as_str(),
            micros(schedule.grace_period()),
            cron.map(Cron::expression),
            cron.map(Cron::zone),
            every,
            job.queue.as_str(),
            job.kind.as_str(),
            job.priority.get(),
            job.max_attempts,
            job.tenant.as_ref().map(AsRef::<str>::as_ref),
            job.ordering_key.as_ref().map(AsRef::<str>::as_ref),
            stored_headers(&job.headers)?,
            job.payload.schema_version(),
            stored_type(&job.payload),
            job.payload.bytes().as_ref(),
        ],
    )?;
    Ok(())
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// Creates or changes a schedule, on record; one that is so already is only read.
pub(crate) fn put(session: &Session<'_>, schedule: &Schedule, act: &Act) -> Result<ScheduleView> {
    let after = match one(session, schedule.name())? {
        None => ScheduleView::created(schedule, session.now()),
        Some(before) => match before.changed_to(schedule, session.now()) {
            None => return Ok(before),
            Some(after) => after,
        },
    };
    write(session, &after)?;
    audit::record(session, AuditEntry::put_schedule(act, &after.schedule))?;
    Ok(after)
}

/// Lets a schedule rest or go on, on record.
pub(crate) fn pause(
    session: &Session<'_>,
    name: &ScheduleName,
    paused: bool,
    act: &Act,
) -> Result<Option<ScheduleView>> {
    let Some(before) = one(session, name)? else {
        return Ok(None);
    };
    let Some(after) = before.with_pause(paused, session.now()) else {
        return Ok(Some(before));
    };
    write(session, &after)?;
    audit::record(session, AuditEntry::pause_schedule(act, name, paused))?;
    Ok(Some(after))
}

/// Removes a schedule, on record. It is not read: one that this build cannot read can be removed.
pub(crate) fn remove(session: &Session<'_>, name: &ScheduleName, act: &Act) -> Result<bool> {
    let removed = session.execute(sql!("schedules", "schedules_remove"), [name.as_str()])? > 0;
    if removed {
        audit::record(session, AuditEntry::remove_schedule(act, name))?;
    }
    Ok(removed)
}

/// Moves a schedule on and enqueues what its ticks bring, if it is still as it was planned for.
pub(crate) fn fire(session: &Session<'_>, firing: &Firing) -> Result<Fired> {
    let name = firing.schedule().name();
    let stored = one(session, name)?;
    if !stored.is_some_and(|stored| firing.applies_to(&stored)) {
        return Ok(Fired::Overtaken);
    }
    session.execute(
        sql!("schedules", "schedules_move"),
        params![
            name.as_str(),
            firing.next_tick().map(Timestamp::as_micros),
            firing.last_tick().map(Timestamp::as_micros),
        ],
    )?;
    enqueue::enqueue_jobs(session, &firing.jobs()).map(Fired::Applied)
}
