//! Partitions for the days to come.

use std::time::Duration;

use queue_core::StoreError;

use crate::fault::Result;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// A day's table up to this many bytes is counted, and thinned out, row by row; a larger one is only
/// dropped as a whole.
pub(crate) const SMALL: i64 = 8 << 20;

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
pub(crate) async fn begin(session: &mut Session<'_>) -> Result<()> {
    session
        .define(
            "SET LOCAL lock_timeout = '1s'; \
             SELECT pg_advisory_xact_lock(hashtextextended('leasehold.maintain', 0))::text",
        )
        .await
}
