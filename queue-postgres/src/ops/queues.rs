//! Settings of queues and the state of their limits.

use std::time::Duration;

use queue_core::{
    Act, AuditEntry, Bucket, InvalidBatch, OrderingMode, QueueChange, QueueName, QueueSettings,
    RateLimit, TenantName,
};

use crate::fault::{Fault, Result};
use crate::micros::{Micros, micros};
use crate::ops::audit;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// A queue's settings, with what its limits have used.
#[derive(Debug)]
pub(crate) struct QueueRow {
    pub(crate) settings: QueueSettings,
    pub(crate) bucket: Option<Bucket>,
    /// The lane served last, if any was.
    pub(crate) last_served: Option<Option<TenantName>>,
}

fn read(row: &sqlx::postgres::PgRow) -> Result<QueueRow> {
    let mut row = Columns::of(row);
    let mut settings = QueueSettings::new(row.name()?);
    settings.paused = row.value()?;
    settings.max_running = row.value::<Option<i64>>()?.map(number).transpose()?;
    let (permits, per, burst): (Option<i64>, Option<i64>, Option<i64>) =
        (row.value()?, row.value()?, row.value()?);
    if let (Some(permits), Some(per), Some(burst)) = (permits, per, burst) {
        let per = Duration::from_micros(u64::try_from(per).unwrap_or(0));
        let rate = RateLimit::new(number(permits)?, per, number(burst)?);
        settings.rate = Some(rate.map_err(impossible)?);
    }
    settings.fair = row.value()?;
    if row.value()? {
        settings.ordering = OrderingMode::Loose;
    }
    let (level, at) = (row.value::<Option<i64>>()?, row.maybe_time()?);
    let (served, tenant) = (row.value::<bool>()?, row.maybe_name()?);
    Ok(QueueRow {
        settings,
        bucket: level.zip(at).map(|(level, at)| Bucket { level, at }),
        last_served: served.then_some(tenant),
    })
}

fn number(stored: i64) -> Result<u32> {
    u32::try_from(stored).map_err(|_| Fault::corrupt(format!("the setting {stored} is impossible")))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err asks for"
)]
fn impossible(error: InvalidBatch) -> Fault {
    Fault::corrupt(format!("a queue's settings: {error}"))
}

/// The settings of all queues that have any.
pub(crate) async fn all(session: &mut Session<'_>) -> Result<Vec<QueueSettings>> {
    let statement = session.statement(sql!("queues", "queues_all"));
    let rows = session.rows(statement).await?;
    rows.iter().map(|row| Ok(read(row)?.settings)).collect()
}

/// Locks the settings of those of these queues that have limits.
pub(crate) async fn lock(session: &mut Session<'_>, queues: &[QueueName]) -> Result<Vec<QueueRow>> {
    lock_rows(session, queues, false).await
}

async fn lock_rows(
    session: &mut Session<'_>,
    queues: &[QueueName],
    all: bool,
) -> Result<Vec<QueueRow>> {
    let names: Vec<_> = queues.iter().map(QueueName::as_str).collect();
    let statement = session
        .statement(sql!("queues", "queues_lock"))
        .bind(names)
        .bind(all);
    session.rows(statement).await?.iter().map(read).collect()
}

/// Remembers what a claim used up.
pub(crate) async fn taken(session: &mut Session<'_>, row: &QueueRow) -> Result<()> {
    let statement = session
        .statement(sql!("queues", "queues_taken"))
        .bind(row.settings.queue.as_str())
        .bind(row.bucket.map(|bucket| bucket.level))
        .bind(row.bucket.map(|bucket| Micros(bucket.at)))
        .bind(row.last_served.is_some())
        .bind(
            row.last_served
                .as_ref()
                .and_then(Option::as_ref)
                .map(TenantName::as_str),
        );
    session.execute(statement).await.map(drop)
}

/// Changes a queue's settings, on record.
pub(crate) async fn configure(
    session: &mut Session<'_>,
    queue: &QueueName,
    change: &QueueChange,
    act: &Act,
) -> Result<QueueSettings> {
    let now = session.now()?;
    let create = session
        .statement(sql!("queues", "queues_create"))
        .bind(queue.as_str());
    session.execute(create).await?;
    let rows = lock_rows(session, std::slice::from_ref(queue), true).await?;
    let Some(mut row) = rows.into_iter().next() else {
        return Err(Fault::corrupt(format!("the settings of {queue} are gone")));
    };
    row.settings = row.settings.changed(change);
    if change.rate.is_some() {
        row.bucket = row
            .settings
            .rate
            .as_ref()
            .map(|rate| Bucket::full(rate, now));
    }
    let settings = row.settings;
    let rate = settings.rate.as_ref();
    let put = session
        .statement(sql!("queues", "queues_put"))
        .bind(queue.as_str())
        .bind(settings.paused)
        .bind(settings.max_running.map(i64::from))
        .bind(rate.map(|rate| i64::from(rate.permits())))
        .bind(rate.map(|rate| micros(rate.per())))
        .bind(rate.map(|rate| i64::from(rate.burst())))
        .bind(settings.fair)
        .bind(settings.ordering == OrderingMode::Loose)
        .bind(settings.limits_claims())
        .bind(row.bucket.map(|bucket| bucket.level))
        .bind(row.bucket.map(|bucket| Micros(bucket.at)));
    session.execute(put).await?;
    audit::record(session, AuditEntry::configure(act, &settings)).await?;
    session.wake();
    Ok(settings)
}
