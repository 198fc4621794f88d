//! The audit trail: one chain, added to under a lock.

use std::collections::HashMap;
use std::sync::LazyLock;

use queue_core::{Act, AuditEntry, AuditFilter, AuditLead, AuditList, AuditPage, AuditRecord};

use crate::fault::Result;
use crate::micros::Micros;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Adds a record. Its lock is the last that a transaction takes.
pub(crate) async fn record(session: &mut Session<'_>, entry: AuditEntry) -> Result<()> {
    record_all(session, vec![entry]).await
}

/// Adds records in this order.
pub(crate) async fn record_all(session: &mut Session<'_>, entries: Vec<AuditEntry>) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    add_behind(session, sql!("audit", "audit_head"), entries).await
}

/// Adds a record in a schema of this version, with which this build may have no more to do.
pub(crate) async fn record_in(
    session: &mut Session<'_>,
    version: u32,
    entry: AuditEntry,
) -> Result<()> {
    let head = if version >= SEALED {
        sql!("audit", "audit_head")
    } else {
        sql!("audit", "audit_last")
    };
    add_behind(session, head, vec![entry]).await
}

/// The first version in which the trail may begin with an archive.
const SEALED: u32 = 8;

/// Adds records behind the one that this finds to be the last.
async fn add_behind(
    session: &mut Session<'_>,
    head: &'static str,
    entries: Vec<AuditEntry>,
) -> Result<()> {
    let lock = session.statement(sql!("audit", "audit_lock"));
    session.execute(lock).await?;
    let head = session.statement(head);
    let mut head: Option<(i64, String)> = match session.maybe(head).await? {
        None => None,
        Some(row) => {
            let mut row = Columns::of(&row);
            Some((row.value()?, row.value()?))
        }
    };
    let now = session.now()?;
    let mut records = Vec::with_capacity(entries.len());
    for entry in entries {
        let previous = head.as_ref().map(|(seq, hash)| (*seq, hash.as_str()));
        let record = AuditRecord::next(previous, now, entry);
        head = Some((record.seq, record.hash.clone()));
        records.push(record);
    }
    add(session, &records).await
}

async fn add(session: &mut Session<'_>, records: &[AuditRecord]) -> Result<()> {
    let of = |column: fn(&AuditRecord) -> &str| records.iter().map(column).collect::<Vec<_>>();
    let numbers: Vec<_> = records.iter().map(|record| record.seq).collect();
    let times: Vec<_> = records.iter().map(|record| Micros(record.at)).collect();
    let statement = session
        .statement(sql!("audit", "audit_add"))
        .bind(numbers)
        .bind(times)
        .bind(of(|record| record.entry.act.actor.as_str()))
        .bind(of(|record| &record.entry.act.reason))
        .bind(of(|record| &record.entry.action))
        .bind(of(|record| &record.entry.target))
        .bind(of(|record| &record.entry.detail))
        .bind(of(|record| &record.previous))
        .bind(of(|record| &record.hash));
    session.execute(statement).await.map(drop)
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
        AuditLead::Target => "target = $1",
        AuditLead::Action => "action = $1",
        AuditLead::Actor => "actor = $1",
        // No column, but the parameter is bound, and it must stand in the text.
        AuditLead::All => "$1 IS NOT NULL",
    };
    text.replace("target = $1", column)
}

/// What a filter wants, from either end.
pub(crate) async fn page(
    session: &mut Session<'_>,
    filter: &AuditFilter,
    page: AuditPage,
) -> Result<AuditList> {
    let (lead, text) = filter.lead();
    let along = ALONG.get(&(lead, page.is_newest_first()));
    let statement = session
        .statement(along.map_or("", String::as_str))
        .bind(text)
        .bind(page.cursor())
        .bind(i64::from(page.walk(filter)));
    let rows = session.rows(statement).await?;
    let walked = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    Ok(AuditList::of(filter, page, walked))
}

fn read(row: &sqlx::postgres::PgRow) -> Result<AuditRecord> {
    let mut row = Columns::of(row);
    Ok(AuditRecord {
        seq: row.value()?,
        at: row.time()?,
        entry: AuditEntry {
            act: Act {
                actor: row.name()?,
                reason: row.value()?,
            },
            action: row.value()?,
            target: row.value()?,
            detail: row.value()?,
        },
        previous: row.value()?,
        hash: row.value()?,
    })
}
