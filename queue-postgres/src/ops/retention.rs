//! Rules of retention.

use std::time::Duration;

use queue_core::{
    Act, AuditEntry, InvalidRetention, Kept, QueueName, Retention, RetentionRule, RetentionSort,
};

use crate::fault::{Fault, Result};
use crate::ops::audit;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// All that were set.
pub(crate) async fn all(session: &mut Session<'_>) -> Result<Retention> {
    let statement = session.statement(sql!("retention", "retention_all"));
    let mut rules = Vec::new();
    for row in &session.rows(statement).await? {
        let mut row = Columns::of(row);
        rules.push(rule(row.value()?, row.value()?, row.value()?)?);
    }
    Ok(Retention::of(rules))
}

fn rule(sort: &str, queue: &str, micros: Option<i64>) -> Result<RetentionRule> {
    let corrupt = |error: InvalidRetention| Fault::corrupt(format!("a rule of retention: {error}"));
    let sort = sort.parse().map_err(corrupt)?;
    let queue = match queue {
        "" => None,
        name => Some(QueueName::new(name)?),
    };
    let kept = micros.map_or(Kept::Forever, |micros| {
        Kept::For(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
    });
    RetentionRule::new(sort, queue, kept).map_err(corrupt)
}

async fn locked(session: &mut Session<'_>) -> Result<Retention> {
    let lock = session.statement(sql!("retention", "retention_lock"));
    session.execute(lock).await?;
    all(session).await
}

/// Sets a rule, on record; `false` if it was there already.
pub(crate) async fn set(
    session: &mut Session<'_>,
    rule: &RetentionRule,
    act: &Act,
) -> Result<bool> {
    let before = locked(session).await?.rule(rule.sort(), rule.queue());
    if before == Some(rule.kept()) {
        return Ok(false);
    }
    let micros = match rule.kept() {
        Kept::For(span) => Some(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)),
        Kept::Forever => None,
    };
    let statement = session
        .statement(sql!("retention", "retention_put"))
        .bind(rule.sort().as_str())
        .bind(written(rule.queue()))
        .bind(micros);
    session.execute(statement).await?;
    audit::record(session, AuditEntry::set_retention(act, rule, before)).await?;
    Ok(true)
}

/// Takes a rule away, on record; `false` if there was none.
pub(crate) async fn clear(
    session: &mut Session<'_>,
    sort: RetentionSort,
    queue: Option<&QueueName>,
    act: &Act,
) -> Result<bool> {
    let Some(before) = locked(session).await?.rule(sort, queue) else {
        return Ok(false);
    };
    let statement = session
        .statement(sql!("retention", "retention_drop"))
        .bind(sort.as_str())
        .bind(written(queue));
    session.execute(statement).await?;
    let entry = AuditEntry::clear_retention(act, sort, queue, before);
    audit::record(session, entry).await?;
    Ok(true)
}

/// No queue has an empty name.
fn written(queue: Option<&QueueName>) -> &str {
    queue.map_or("", QueueName::as_str)
}
