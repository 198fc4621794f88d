//! Upkeep: partitions for the days to come, and an end for what was kept long enough.

use std::time::Duration;

use queue_core::{Maintained, Retention, StoreError};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::fault::Result;
use crate::micros::Micros;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// A day's table up to this many bytes is counted, and thinned out, row by row; a larger one is only
/// dropped as a whole.
const SMALL: i64 = 8 << 20;

/// Makes partitions of the days to come, and says whether some are still missing.
///
/// Nothing is moved. The server looks through the default for rows of the new day, and nobody may use
/// the default meanwhile: while that is large one day is made at a time. It is empty unless for a
/// week nobody opened the store or kept house; what fell into it stays, and goes when its time is up.
pub(crate) async fn create_days(session: &mut Session<'_>) -> Result<bool> {
    begin(session).await?;
    let missing = missing(session).await?;
    let large = missing
        .first()
        .is_some_and(|day| day.size_of_default > SMALL);
    let now = if large { 1 } else { missing.len() };
    for Day { name, from, to, .. } in missing.iter().take(now) {
        let sql = format!(
            "CREATE TABLE leasehold.{name} (LIKE leasehold.history INCLUDING ALL); \
             ALTER TABLE leasehold.history ATTACH PARTITION leasehold.{name} \
             FOR VALUES FROM ('{from}') TO ('{to}')"
        );
        match session.define(&sql).await {
            // A row of that day fell into the default just now.
            Err(fault) if fault.code().as_deref() == Some("23514") => {
                return Err(StoreError::Busy {
                    operation: "maintain",
                    waited: Duration::ZERO,
                    cause: None,
                }
                .into());
            }
            made => made?,
        }
    }
    Ok(missing.len() > now)
}

/// Whether [`create_days`] has something to do.
pub(crate) async fn is_day_missing(session: &mut Session<'_>) -> Result<bool> {
    Ok(!missing(session).await?.is_empty())
}

struct Day {
    name: String,
    from: String,
    to: String,
    size_of_default: i64,
}

async fn missing(session: &mut Session<'_>) -> Result<Vec<Day>> {
    let days = session
        .statement(sql!("maintain", "maintain_days"))
        .bind(session.time());
    let read = |row| {
        let mut row = Columns::of(row);
        Ok(Day {
            name: row.value()?,
            from: row.value()?,
            to: row.value()?,
            size_of_default: row.value()?,
        })
    };
    session.rows(days).await?.iter().map(read).collect()
}

/// One process at a time, and not for long: whoever holds the tables now is not held up, the next
/// upkeep comes anyway.
async fn begin(session: &mut Session<'_>) -> Result<()> {
    session
        .define(
            "SET LOCAL lock_timeout = '1s'; \
             SELECT pg_advisory_xact_lock(hashtextextended('leasehold.maintain', 0))::text",
        )
        .await
}

/// Ends finished jobs: days that are over as a whole, the rest by at most about `limit` rows.
pub(crate) async fn prune_history(
    session: &mut Session<'_>,
    retention: &Retention,
    limit: u32,
) -> Result<u64> {
    begin(session).await?;
    let before = Micros(session.now()? - retention.history);
    let partitions = session
        .statement(sql!("maintain", "maintain_partitions"))
        .bind(before);
    let mut over = Vec::new();
    let fallen = session
        .statement(sql!("maintain", "maintain_default"))
        .bind(before)
        .bind(i64::from(limit));
    let mut removed = session.execute(fallen).await?;
    for row in &session.rows(partitions).await? {
        let mut row = Columns::of(row);
        let (name, estimate): (String, i64) = (row.value()?, row.value()?);
        let (size, is_over): (i64, bool) = (row.value()?, row.value()?);
        if is_over {
            let rows = if size > SMALL {
                estimate
            } else {
                count(session, &name).await?
            };
            removed += u64::try_from(rows).unwrap_or(0);
            over.push(format!("leasehold.{name}"));
        } else if size <= SMALL {
            removed += thin_out(session, &name, before, limit).await?;
        }
    }
    // Last: from here to the commit nobody can use history.
    if !over.is_empty() {
        let drop = format!("DROP TABLE {}", over.join(", "));
        session.define(&drop).await?;
    }
    Ok(removed)
}

async fn count(session: &mut Session<'_>, partition: &str) -> Result<i64> {
    let sql = format!("SELECT count(*) FROM leasehold.{partition}");
    let row = session.one_of(&sql).await?;
    Ok(row.try_get(0)?)
}

async fn thin_out(
    session: &mut Session<'_>,
    partition: &str,
    before: Micros,
    limit: u32,
) -> Result<u64> {
    let sql = format!(
        "DELETE FROM leasehold.{partition} WHERE ctid = ANY (ARRAY( \
         SELECT ctid FROM leasehold.{partition} WHERE finished_at <= $1 LIMIT $2))"
    );
    let statement = session.composed(&sql).bind(before).bind(i64::from(limit));
    session.execute(statement).await
}

/// Ends everything else that its retention has ended for.
pub(crate) async fn prune_rest(
    session: &mut Session<'_>,
    retention: &Retention,
    limit: u32,
) -> Result<Maintained> {
    let now = session.now()?;
    let limit = i64::from(limit);
    let keys = session
        .statement(sql!("maintain", "maintain_keys"))
        .bind(Micros(now))
        .bind(limit);
    let keys = session.execute(keys).await?;
    let subjects = session
        .statement(sql!("maintain", "maintain_subjects"))
        .bind(Micros(now - retention.subjects))
        .bind(limit);
    let subjects = session.execute(subjects).await?;
    let letters = session
        .statement(sql!("maintain", "maintain_letters"))
        .bind(Micros(now - retention.dead_letters))
        .bind(limit);
    let letters = session.rows(letters).await?;
    let stages = session
        .statement(sql!("maintain", "maintain_stages"))
        .bind(numbers(&letters)?);
    session.execute(stages).await?;
    let notifications = session
        .statement(sql!("maintain", "maintain_notifications"))
        .bind(Micros(now - retention.notifications))
        .bind(limit);
    let notifications = session.rows(notifications).await?;
    let events = session
        .statement(sql!("maintain", "maintain_events"))
        .bind(numbers(&notifications)?);
    session.execute(events).await?;
    Ok(Maintained {
        history: 0,
        keys,
        notifications: notifications.len() as u64,
        dead_letters: letters.len() as u64,
        subjects,
    })
}

fn numbers(rows: &[PgRow]) -> Result<Vec<i64>> {
    let number = |row: &PgRow| Ok(row.try_get_unchecked(0)?);
    rows.iter().map(number).collect()
}
