//! The chain of what operators did.

use std::collections::HashMap;
use std::sync::LazyLock;

use queue_core::{Act, AuditEntry, AuditFilter, AuditLead, AuditList, AuditPage, AuditRecord};
use rusqlite::{OptionalExtension, params};

use crate::fault::Result;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Adds a record to the chain. The writer's lock on the database keeps the numbers without gaps.
pub(crate) fn record(session: &Session<'_>, entry: AuditEntry) -> Result<()> {
    record_behind(session, head(session, true)?.as_ref(), entry)
}

/// The end of the chain: its number and its hash. Schemas of before know no archive.
pub(crate) fn head(session: &Session<'_>, knows_archives: bool) -> Result<Option<(i64, String)>> {
    let text = if knows_archives {
        sql!("audit", "audit_head")
    } else {
        sql!("audit", "audit_last")
    };
    let head = session
        .prepare(text)?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(head)
}

/// Adds a record behind the one that is the last.
pub(crate) fn record_behind(
    session: &Session<'_>,
    head: Option<&(i64, String)>,
    entry: AuditEntry,
) -> Result<()> {
    let previous = head.map(|(seq, hash)| (*seq, hash.as_str()));
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

/// The statements along the index of each column, in the order of the chain and against it.
static ALONG: LazyLock<HashMap<(AuditLead, bool), String>> = LazyLock::new(|| {
    let leads = [
        AuditLead::Target,
        AuditLead::Action,
        AuditLead::Actor,
        AuditLead::All,
    ];
    let both = |lead| {
        [
            ((lead, false), led_by(sql!("audit", "audit_up"), lead)),
            ((lead, true), led_by(sql!("audit", "audit_down"), lead)),
        ]
    };
    leads.into_iter().flat_map(both).collect()
});

/// The file has it for the target.
fn led_by(text: &str, lead: AuditLead) -> String {
    let column = match lead {
        AuditLead::Target => "target = ?1",
        AuditLead::Action => "action = ?1",
        AuditLead::Actor => "actor = ?1",
        // No column, but the parameter is bound, and it must stand in the text.
        AuditLead::All => "?1 IS NOT NULL",
    };
    text.replace("target = ?1", column)
}

/// What a filter wants, from either end.
pub(crate) fn page(
    session: &Session<'_>,
    filter: &AuditFilter,
    page: AuditPage,
) -> Result<AuditList> {
    let (lead, text) = filter.lead();
    let along = ALONG.get(&(lead, page.is_newest_first()));
    let mut statement = session.prepare(along.map_or("", String::as_str))?;
    let mut rows = statement.query(params![text, page.cursor(), page.walk(filter)])?;
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
    Ok(AuditList::of(filter, page, records))
}
