//! Recipients that get nothing.

use queue_core::{
    Act, AuditEntry, ChannelName, NewSuppression, Page, Recipient, Suppression, Timestamp,
};
use rusqlite::{OptionalExtension, Row, params};

use crate::fault::Result;
use crate::ops::audit;
use crate::row::Columns;
use crate::session::Session;
use crate::sql::sql;

/// Puts a recipient on the list of a channel, in the place of what is there.
pub(crate) fn put(session: &Session<'_>, new: &NewSuppression, origin: &str) -> Result<()> {
    session.execute(
        sql!("suppression", "suppression_put"),
        params![
            new.channel.as_str(),
            new.recipient.as_str(),
            new.reason.as_str(),
            origin,
            new.evidence,
            session.micros(),
            new.lasts.until(session.now()).map(Timestamp::as_micros),
        ],
    )?;
    Ok(())
}

/// The same by an operator, on record.
pub(crate) fn add(session: &Session<'_>, new: &NewSuppression, act: &Act) -> Result<()> {
    put(session, new, act.actor.as_str())?;
    audit::record(session, AuditEntry::suppress(act, new))
}

/// Takes a recipient off the list, on record; `false` if it was not on it.
pub(crate) fn remove(
    session: &Session<'_>,
    channel: &ChannelName,
    recipient: &Recipient,
    act: &Act,
) -> Result<bool> {
    let removed = session.execute(
        sql!("suppression", "suppression_remove"),
        [channel.as_str(), recipient.as_str()],
    )?;
    if removed == 0 {
        return Ok(false);
    }
    audit::record(session, AuditEntry::unsuppress(act, channel, recipient))?;
    Ok(true)
}

/// Which of these get nothing through a channel now, by number.
pub(crate) fn of(
    session: &Session<'_>,
    channel: &ChannelName,
    recipients: &[Recipient],
) -> Result<Vec<Suppression>> {
    let mut statement = session.prepare(sql!("suppression", "suppression_of"))?;
    let mut found = Vec::new();
    for recipient in recipients {
        let known = statement.query_row(
            params![channel.as_str(), recipient.as_str(), session.micros()],
            |row| Ok(decode(row)),
        );
        found.extend(known.optional()?.transpose()?);
    }
    found.sort_by_key(|there: &Suppression| there.id);
    found.dedup_by_key(|there| there.id);
    Ok(found)
}

/// All that are listed, of one channel or of all, by number.
pub(crate) fn page(
    session: &Session<'_>,
    channel: Option<&ChannelName>,
    page: Page,
) -> Result<Vec<Suppression>> {
    let mut statement = session.prepare(sql!("suppression", "suppression_page"))?;
    let mut rows = statement.query(params![
        page.cursor().unwrap_or(i64::MIN),
        channel.map(ChannelName::as_str),
        page.limit(),
    ])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(decode(row)?);
    }
    Ok(found)
}

fn decode(row: &Row<'_>) -> Result<Suppression> {
    let mut columns = Columns::of(row);
    Ok(Suppression {
        id: columns.value()?,
        channel: columns.name()?,
        recipient: columns.name()?,
        reason: columns.name()?,
        origin: columns.value()?,
        evidence: columns.value()?,
        created_at: columns.time()?,
        expires_at: columns.maybe_time()?,
    })
}
