//! Rules of retention.

use std::time::Duration;

use queue_core::{
    Act, AuditEntry, InvalidRetention, Kept, QueueName, Retention, RetentionRule, RetentionSort,
};
use rusqlite::params;

use crate::fault::{Fault, Result};
use crate::ops::audit;
use crate::session::Session;
use crate::sql::sql;

/// All that were set.
pub(crate) fn all(session: &Session<'_>) -> Result<Retention> {
    let mut statement = session.prepare(sql!("retention", "retention_all"))?;
    let mut rows = statement.query([])?;
    let mut rules = Vec::new();
    while let Some(row) = rows.next()? {
        let (sort, queue): (String, String) = (row.get(0)?, row.get(1)?);
        rules.push(rule(&sort, queue, row.get(2)?)?);
    }
    Ok(Retention::of(rules))
}

fn rule(sort: &str, queue: String, micros: Option<i64>) -> Result<RetentionRule> {
    let corrupt = |error: InvalidRetention| Fault::corrupt(format!("a rule of retention: {error}"));
    let sort = sort.parse().map_err(corrupt)?;
    let queue = match queue.as_str() {
        "" => None,
        _ => Some(QueueName::new(queue)?),
    };
    let kept = micros.map_or(Kept::Forever, |micros| {
        Kept::For(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
    });
    RetentionRule::new(sort, queue, kept).map_err(corrupt)
}

/// Sets a rule, on record; `false` if it was there already.
pub(crate) fn set(session: &Session<'_>, rule: &RetentionRule, act: &Act) -> Result<bool> {
    let before = all(session)?.rule(rule.sort(), rule.queue());
    if before == Some(rule.kept()) {
        return Ok(false);
    }
    let micros = match rule.kept() {
        Kept::For(span) => Some(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)),
        Kept::Forever => None,
    };
    session.execute(
        sql!("retention", "retention_put"),
        params![rule.sort().as_str(), written(rule.queue()), micros],
    )?;
    audit::record(session, AuditEntry::set_retention(act, rule, before))?;
    Ok(true)
}

/// Takes a rule away, on record; `false` if there was none.
pub(crate) fn clear(
    session: &Session<'_>,
    sort: RetentionSort,
    queue: Option<&QueueName>,
    act: &Act,
) -> Result<bool> {
    let Some(before) = all(session)?.rule(sort, queue) else {
        return Ok(false);
    };
    session.execute(
        sql!("retention", "retention_drop"),
        [sort.as_str(), written(queue)],
    )?;
    audit::record(
        session,
        AuditEntry::clear_retention(act, sort, queue, before),
    )?;
    Ok(true)
}

/// No queue has an empty name.
fn written(queue: Option<&QueueName>) -> &str {
    queue.map_or("", QueueName::as_str)
}
