//! The chain of what operators did.

use queue_core::{Act, AuditEntry, AuditRecord, Page};
use rusqlite::{OptionalExtension, params};

use crate::fault::Result;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Adds a record to the chain. The writer's lock on the database keeps the numbers without gaps.
pub(crate) fn record(session: &Session<'_>, entry: AuditEntry) -> Result<()> {
    let head: Option<(i64, String)> = session
        .prepare(sql!("audit", "audit_head"))?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let previous = head.as_ref().map(|(seq, hash)| (*seq, hash.as_str()));
    let record = AuditRecord::next(previous, session.now(), entry);
    session.execute(
        sql!("audit", "audit_insert"),
        params![
            record.seq,
            record.at.as_micros(),
            record.entry.act.actor.as_str(),
            record.entry.act.reason,
            record.entry.action,
            record.entry.target,
            record.entry.detail,
            record.previous,
            record.hash,
        ],
    )?;
    Ok(())
}

/// Records by number.
pub(crate) fn page(session: &Session<'_>, page: Page) -> Result<Vec<AuditRecord>> {
    let mut statement = session.prepare(sql!("audit", "audit_page"))?;
    let mut rows = statement.query(params![page.cursor().unwrap_or(0), page.limit()])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::of(row);
        records.push(AuditRecord {
            seq: columns.value()?,
            at: columns.time()?,
            entry: AuditEntry {
                act: Act {
                    actor: columns.name()?,
                    reason: columns.value()?,
                },
                action: columns.value()?,
                target: columns.value()?,
                detail: columns.value()?,
            },
            previous: columns.value()?,
            hash: columns.value()?,
        });
    }
    Ok(records)
}
