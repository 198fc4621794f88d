//! Upkeep: partitions for the days to come, and an end for what was kept long enough.

use queue_core::{Maintained, Retention};
use sqlx::Row;

use crate::fault::Result;
use crate::micros::Micros;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// A day's table up to this many bytes is counted, and thinned out, row by row; a larger one is only
/// dropped as a whole.
const SMALL: i64 = 8 << 20;

/// Makes sure that today and the seven days after it have partitions. Rows that came before their
/// day had one move into it.
pub(crate) async fn create_partitions(session: &mut Session<'_>) -> Result<()> {
    begin(session).await?;
    let days = session
        .statement(sql!("maintain", "maintain_days"))
        .bind(session.time());
    let days = session.rows(days).await?;
    if !days.is_empty() {
        // Nobody may put rows there that belong into the new tables while they are moved.
        session
            .define("LOCK TABLE leasehold.history_default IN ACCESS EXCLUSIVE MODE")
            .await?;
    }
    for row in &days {
        let mut row = Columns::of(row);
        let (name, from, to): (String, String, String) = (row.value()?, row.value()?, row.value()?);
        let sql = format!(
            "CREATE TABLE leasehold.{name} (LIKE leasehold.history INCLUDING ALL); \
             WITH moved AS (DELETE FROM leasehold.history_default \
             WHERE finished_at >= '{from}' AND finished_at < '{to}' RETURNING *) \
             INSERT INTO leasehold.{name} SELECT * FROM moved; \
             ALTER TABLE leasehold.history ATTACH PARTITION leasehold.{name} \
             FOR VALUES FROM ('{from}') TO ('{to}')"
        );
        session.define(&sql).await?;
    }
    Ok(())
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
    let mut removed = 0;
    for row in &session.rows(partitions).await? {
        let mut row = Columns::of(row);
        let (name, estimate): (String, i64) = (row.value()?, row.value()?);
        let (size, over): (i64, bool) = (row.value()?, row.value()?);
        if over {
            let rows = if size > SMALL {
                estimate
            } else {
                count(session, &name).await?
            };
            session
                .define(&format!("DROP TABLE leasehold.{name}"))
                .await?;
            removed += u64::try_from(rows).unwrap_or(0);
        } else if size <= SMALL {
            removed += thin_out(session, &name, before, limit).await?;
        }
    }
    Ok(removed + thin_out(session, "history_default", before, limit).await?)
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
    let ids = letters
        .iter()
        .map(|row| Ok(row.try_get_unchecked::<i64, _>(0)?))
        .collect::<Result<Vec<_>>>()?;
    let stages = session
        .statement(sql!("maintain", "maintain_stages"))
        .bind(ids);
    session.execute(stages).await?;
    let notifications = session
        .statement(sql!("maintain", "maintain_notifications"))
        .bind(Micros(now - retention.notifications))
        .bind(limit);
    Ok(Maintained {
        history: 0,
        keys,
        notifications: session.execute(notifications).await?,
        dead_letters: letters.len() as u64,
        subjects,
    })
}
