//! The settings of queues and what their limits have counted so far.

use std::time::Duration;

use queue_core::{
    Bucket, OrderingMode, QueueChange, QueueName, QueueSettings, RateLimit, TenantName, Timestamp,
};
use rusqlite::{OptionalExtension, Row, params};

use crate::fault::{Fault, Result};
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// A queue's row: settings, bucket, and whose turn was last.
pub(crate) struct QueueRow {
    pub(crate) settings: QueueSettings,
    pub(crate) bucket: Bucket,
    pub(crate) last_served: Option<Option<TenantName>>,
}

fn decode(row: &Row<'_>) -> Result<QueueRow> {
    let mut columns = Columns::of(row);
    let mut settings = QueueSettings::new(columns.name()?);
    settings.paused = columns.value()?;
    settings.max_running = columns.value()?;
    let (permits, per, burst): (Option<u32>, Option<i64>, Option<u32>) =
        (columns.value()?, columns.value()?, columns.value()?);
    settings.rate = permits
        .zip(per)
        .zip(burst)
        .map(|((permits, per), burst)| {
            let per = Duration::from_nanos(u64::try_from(per).unwrap_or(0));
            RateLimit::new(permits, per, burst).map_err(|error| Fault::corrupt(error.to_string()))
        })
        .transpose()?;
    settings.fair = columns.value()?;
    settings.ordering = mode(columns.value()?);
    let bucket = Bucket {
        level: columns.value()?,
        at: columns.time()?,
    };
    let served: bool = columns.value()?;
    let tenant = columns.maybe_name()?;
    Ok(QueueRow {
        settings,
        bucket,
        last_served: served.then_some(tenant),
    })
}

fn mode(loose: bool) -> OrderingMode {
    if loose {
        OrderingMode::Loose
    } else {
        OrderingMode::Strict
    }
}

/// The row of one queue, if anything was ever set for it.
pub(crate) fn load(session: &Session<'_>, queue: &str) -> Result<Option<QueueRow>> {
    let mut statement = session.prepare(sql!("queues", "queues_one"))?;
    let mut rows = statement.query([queue])?;
    rows.next()?.map(decode).transpose()
}

/// All settings, by queue.
pub(crate) fn all(session: &Session<'_>) -> Result<Vec<QueueSettings>> {
    let mut statement = session.prepare(sql!("queues", "queues_all"))?;
    let mut rows = statement.query([])?;
    let mut settings = Vec::new();
    while let Some(row) = rows.next()? {
        settings.push(decode(row)?.settings);
    }
    Ok(settings)
}

/// Which job of a key goes next in this queue.
pub(crate) fn ordering(session: &Session<'_>, queue: &str) -> Result<OrderingMode> {
    let loose: Option<bool> = session
        .prepare(sql!("queues", "queues_ordering"))?
        .query_row([queue], |row| row.get(0))
        .optional()?;
    Ok(mode(loose.unwrap_or(false)))
}

/// Changes the settings; a rate that is set starts with a full bucket.
pub(crate) fn change(
    session: &Session<'_>,
    queue: &QueueName,
    change: &QueueChange,
) -> Result<QueueSettings> {
    let before = load(session, queue.as_str())?;
    let empty = Bucket {
        level: 0,
        at: session.now(),
    };
    let (old, bucket) = match before {
        Some(row) => (row.settings, row.bucket),
        None => (QueueSettings::new(queue.clone()), empty),
    };
    let settings = old.changed(change);
    let bucket = match change.rate {
        Some(Some(rate)) => Bucket::full(&rate, session.now()),
        _ => bucket,
    };
    session.execute(
        sql!("queues", "queues_put"),
        params![
            queue.as_str(),
            settings.paused,
            settings.max_running,
            settings.rate.map(|rate| rate.permits()),
            settings
                .rate
                .map(|rate| i64::try_from(rate.per().as_nanos()).unwrap_or(i64::MAX)),
            settings.rate.map(|rate| rate.burst()),
            settings.fair,
            settings.ordering == OrderingMode::Loose,
            bucket.level,
            bucket.at.as_micros(),
        ],
    )?;
    session.execute(sql!("queues", "queues_limited"), [])?;
    Ok(settings)
}

/// Writes down what a claim took from the limits.
pub(crate) fn taken(
    session: &Session<'_>,
    queue: &str,
    bucket: Bucket,
    last_served: Option<&Option<TenantName>>,
) -> Result<()> {
    let tenant = last_served.and_then(Option::as_ref).map(TenantName::as_str);
    session.execute(
        sql!("queues", "queues_taken"),
        params![
            queue,
            bucket.level,
            bucket.at.as_micros(),
            last_served.is_some(),
            tenant
        ],
    )?;
    Ok(())
}

/// Jobs of a queue under leases that have not run out, counted up to a bound.
pub(crate) fn running(
    session: &Session<'_>,
    queue: &str,
    now: Timestamp,
    bound: u32,
) -> Result<u64> {
    let count: i64 = session
        .prepare(sql!("queues", "queues_running"))?
        .query_row(params![queue, now.as_micros(), bound], |row| row.get(0))?;
    u64::try_from(count).map_err(|_| Fault::corrupt("a negative count"))
}
