//! Up to where the audit trail may be shortened, and shortening it.

use queue_core::{Act, AuditEntry, Seal, Sealed};
use rusqlite::{OptionalExtension, params};

use crate::fault::Result;
use crate::ops::audit;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// The newest seal.
pub(crate) fn newest(session: &Session<'_>) -> Result<Option<Seal>> {
    let mut statement = session.prepare(sql!("seal", "seal_newest"))?;
    let mut rows = statement.query([])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let mut columns = Columns::of(row);
    let head = (columns.value()?, columns.value()?);
    let at = columns.time()?;
    let signed = (columns.value()?, columns.value()?);
    let archive = columns.value()?;
    Ok(Some(Seal::stored(
        session.store(),
        head,
        at,
        signed,
        archive,
    )))
}

/// Stores a seal, on record, if it is of a record that is there and no other is as new.
pub(crate) fn put(session: &Session<'_>, seal: &Seal, act: &Act) -> Result<Sealed> {
    let checkpoint = seal.checkpoint();
    if newest(session)?.is_some_and(|newest| newest.checkpoint().seq >= checkpoint.seq) {
        return Ok(Sealed::Behind);
    }
    let found: Option<i64> = session
        .prepare(sql!("seal", "seal_record"))?
        .query_row(params![checkpoint.seq, checkpoint.hash], |row| row.get(0))
        .optional()?;
    if found.is_none() {
        return Ok(Sealed::Unknown);
    }
    session.execute(
        sql!("seal", "seal_put"),
        params![
            checkpoint.seq,
            checkpoint.hash,
            checkpoint.at_micros.as_micros(),
            checkpoint.key,
            checkpoint.signature,
            seal.archive(),
        ],
    )?;
    audit::record(session, AuditEntry::seal_audit(act, seal))?;
    Ok(Sealed::Sealed)
}

/// Removes sealed records, the oldest first. The schema lets no other go.
pub(crate) fn shorten(session: &Session<'_>, limit: u32) -> Result<u64> {
    let removed = session.execute(sql!("seal", "seal_shorten"), [limit])?;
    Ok(u64::try_from(removed).unwrap_or(u64::MAX))
}
