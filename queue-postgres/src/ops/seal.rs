//! Up to where the audit trail may be shortened, and shortening it.

use queue_core::{Act, AuditEntry, Seal, Sealed};

use crate::fault::Result;
use crate::micros::Micros;
use crate::ops::audit;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// The newest seal.
pub(crate) async fn newest(session: &mut Session<'_>) -> Result<Option<Seal>> {
    let store = session.store();
    let statement = session.statement(sql!("seal", "seal_newest"));
    let Some(row) = session.maybe(statement).await? else {
        return Ok(None);
    };
    let mut row = Columns::of(&row);
    let head = (row.value()?, row.value()?);
    let at = row.time()?;
    let signed = (row.value()?, row.value()?);
    Ok(Some(Seal::stored(store, head, at, signed, row.value()?)))
}

/// Stores a seal, on record, if it is of a record that is there and no other is as new.
pub(crate) async fn put(session: &mut Session<'_>, seal: &Seal, act: &Act) -> Result<Sealed> {
    // The lock that the record takes anyway: what is looked at stays as it is until then.
    let lock = session.statement(sql!("audit", "audit_lock"));
    session.execute(lock).await?;
    let checkpoint = seal.checkpoint();
    let newest = newest(session).await?;
    if newest.is_some_and(|newest| newest.checkpoint().seq >= checkpoint.seq) {
        return Ok(Sealed::Behind);
    }
    let record = session
        .statement(sql!("seal", "seal_record"))
        .bind(checkpoint.seq)
        .bind(&checkpoint.hash);
    if session.maybe(record).await?.is_none() {
        return Ok(Sealed::Unknown);
    }
    let statement = session
        .statement(sql!("seal", "seal_put"))
        .bind(checkpoint.seq)
        .bind(&checkpoint.hash)
        .bind(Micros(checkpoint.at_micros))
        .bind(&checkpoint.key)
        .bind(&checkpoint.signature)
        .bind(seal.archive());
    session.execute(statement).await?;
    audit::record(session, AuditEntry::seal_audit(act, seal)).await?;
    Ok(Sealed::Sealed)
}

/// Removes sealed records, the oldest first. The schema lets no other go.
pub(crate) async fn shorten(session: &mut Session<'_>, limit: u32) -> Result<u64> {
    let statement = session
        .statement(sql!("seal", "seal_shorten"))
        .bind(i64::from(limit));
    session.execute(statement).await
}
